/** Tests. */
@NullMarked
package dev.millrace.daemon.cli;

import org.jspecify.annotations.NullMarked;
