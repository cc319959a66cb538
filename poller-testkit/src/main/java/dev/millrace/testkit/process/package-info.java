/** The real daemon as a child process, to be started, watched and killed by tests. */
@NullMarked
package dev.millrace.testkit.process;

import org.jspecify.annotations.NullMarked;
