/** The command line: parsing, help and the commands that need no running daemon. */
@NullMarked
package dev.millrace.daemon.cli;

import org.jspecify.annotations.NullMarked;
