/** The queue machine: what to receive, invoke, delete, extend and let go, and how many at once. Pure. */
@NullMarked
package dev.millrace.queue;

import org.jspecify.annotations.NullMarked;
