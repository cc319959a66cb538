/** Tests of the checkpoint store in memory. */
@NullMarked
package dev.millrace.testkit.checkpoint;

import org.jspecify.annotations.NullMarked;
