/** The configuration tree with line numbers, read so that all problems of a file are reported at once. Pure. */
@NullMarked
package dev.millrace.config;

import org.jspecify.annotations.NullMarked;
