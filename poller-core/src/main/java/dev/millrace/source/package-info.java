/** Ports that a source adapter implements. */
@NullMarked
package dev.millrace.source;

import org.jspecify.annotations.NullMarked;
