/** The embedded default: an SQS emulator, a sample function and the daemon in one command. */
@NullMarked
package dev.millrace.quickstart;

import org.jspecify.annotations.NullMarked;
