/** What the invokers share: the reading of Retry-After headers and of what failures say. */
@NullMarked
package dev.millrace.invoker;

import org.jspecify.annotations.NullMarked;
