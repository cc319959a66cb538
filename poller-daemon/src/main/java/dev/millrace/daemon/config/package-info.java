/** The configuration file, read into immutable records; everything wrong with it is reported at once. */
@NullMarked
package dev.millrace.daemon.config;

import org.jspecify.annotations.NullMarked;
