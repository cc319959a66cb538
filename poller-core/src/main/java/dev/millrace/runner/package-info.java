/** The only package with threads: drives machines, talks to sources and functions. */
@NullMarked
package dev.millrace.runner;

import org.jspecify.annotations.NullMarked;
