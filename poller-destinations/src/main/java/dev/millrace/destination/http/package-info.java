/** HTTP servers as on-failure destinations. */
@NullMarked
package dev.millrace.destination.http;

import org.jspecify.annotations.NullMarked;
