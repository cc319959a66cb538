/** Tests. */
@NullMarked
package dev.millrace.daemon.config;

import org.jspecify.annotations.NullMarked;
