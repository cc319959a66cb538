/** Tests. */
@NullMarked
package dev.millrace.daemon.run;

import org.jspecify.annotations.NullMarked;
