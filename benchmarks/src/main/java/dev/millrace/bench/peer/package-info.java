/** The consumers that are compared, each a process of its own doing the same work: receive 10, POST one batch, delete. */
@NullMarked
package dev.millrace.bench.peer;

import org.jspecify.annotations.NullMarked;
