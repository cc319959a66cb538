/** Records collected into batches: size, window and the exact serialised payload. Pure. */
@NullMarked
package dev.millrace.batch;

import org.jspecify.annotations.NullMarked;
