/** The function as the poller sees it: the invoker port, its sealed outcome, the reading of its answer. Pure. */
@NullMarked
package dev.millrace.invoke;

import org.jspecify.annotations.NullMarked;
