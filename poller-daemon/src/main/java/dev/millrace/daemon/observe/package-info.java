/** Logs and metrics: everything that operators see of a running mapping. */
@NullMarked
package dev.millrace.daemon.observe;

import org.jspecify.annotations.NullMarked;
