/** Filter criteria compiled once, asked per record. Pure. */
@NullMarked
package dev.millrace.filter;

import org.jspecify.annotations.NullMarked;
