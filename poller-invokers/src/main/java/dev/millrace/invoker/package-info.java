/** What the invokers share: the reading of Retry-After headers. */
@NullMarked
package dev.millrace.invoker;

import org.jspecify.annotations.NullMarked;
