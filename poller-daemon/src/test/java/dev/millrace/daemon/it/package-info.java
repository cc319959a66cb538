/** The real daemon process, end to end: on real queues, with real functions, killed and stopped for real. */
@NullMarked
package dev.millrace.daemon.it;

import org.jspecify.annotations.NullMarked;
