/** What every checkpoint store promises, and one in memory that fails on cue. */
@NullMarked
package dev.millrace.testkit.checkpoint;

import org.jspecify.annotations.NullMarked;
