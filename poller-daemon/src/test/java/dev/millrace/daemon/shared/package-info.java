/** Tests. */
@NullMarked
package dev.millrace.daemon.shared;

import org.jspecify.annotations.NullMarked;
