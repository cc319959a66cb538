/** Functions that are plain HTTP servers: the event is posted, the answer is the function's. */
@NullMarked
package dev.millrace.invoker.http;

import org.jspecify.annotations.NullMarked;
