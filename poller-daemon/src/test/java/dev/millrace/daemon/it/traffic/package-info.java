/** Records that flow and shards that change while daemons are killed, stopped and frozen. */
@NullMarked
package dev.millrace.daemon.it.traffic;

import org.jspecify.annotations.NullMarked;
