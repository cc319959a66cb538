/** Records that were given up: what is told of them, and the port of the destinations that hear it. Pure. */
@NullMarked
package dev.millrace.failure;

import org.jspecify.annotations.NullMarked;
