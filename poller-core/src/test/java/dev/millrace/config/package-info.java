/** Tests of the configuration tree. */
@NullMarked
package dev.millrace.config;

import org.jspecify.annotations.NullMarked;
