/** What the invokers share: reading errors and Retry-After headers, and AWS's limits and words for them. */
@NullMarked
package dev.millrace.invoker;

import org.jspecify.annotations.NullMarked;
