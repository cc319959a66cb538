/** The daemon's HTTP side: health, metrics and status. */
@NullMarked
package dev.millrace.daemon.api;

import org.jspecify.annotations.NullMarked;
