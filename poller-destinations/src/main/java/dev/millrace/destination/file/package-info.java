/** Files as on-failure destinations: JSON lines, durable before a delivery ends. */
@NullMarked
package dev.millrace.destination.file;

import org.jspecify.annotations.NullMarked;
