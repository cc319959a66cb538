/** The daemon while it runs: opening, polling, stopping, closing. */
@NullMarked
package dev.millrace.daemon.run;

import org.jspecify.annotations.NullMarked;
