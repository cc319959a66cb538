/** Tests. */
@NullMarked
package dev.millrace.daemon.template;

import org.jspecify.annotations.NullMarked;
