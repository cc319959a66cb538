/** The benchmark harness: starts canned servers and one peer at a time, measures from outside, prints tables. */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
