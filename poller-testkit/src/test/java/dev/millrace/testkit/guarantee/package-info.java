/** Guarantees that notice what they are there to notice. */
@NullMarked
package dev.millrace.testkit.guarantee;

import org.jspecify.annotations.NullMarked;
