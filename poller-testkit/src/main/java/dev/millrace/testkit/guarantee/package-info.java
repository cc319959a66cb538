/** What a run with crashes must keep, as objects that observe it. */
@NullMarked
package dev.millrace.testkit.guarantee;

import org.jspecify.annotations.NullMarked;
