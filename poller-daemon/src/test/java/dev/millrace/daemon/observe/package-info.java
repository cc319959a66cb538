/** Tests. */
@NullMarked
package dev.millrace.daemon.observe;

import org.jspecify.annotations.NullMarked;
