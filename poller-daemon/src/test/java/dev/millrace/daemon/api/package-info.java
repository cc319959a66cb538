/** Tests of what the HTTP server tells. */
@NullMarked
package dev.millrace.daemon.api;

import org.jspecify.annotations.NullMarked;
