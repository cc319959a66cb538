/** The consumers that are compared, each a process of its own, and what they share. */
@NullMarked
package dev.millrace.bench.peer;

import org.jspecify.annotations.NullMarked;
