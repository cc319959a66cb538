/** Tests. */
@NullMarked
package dev.millrace.daemon.yaml;

import org.jspecify.annotations.NullMarked;
