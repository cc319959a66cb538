/** Where the program starts. */
@NullMarked
package dev.millrace.daemon;

import org.jspecify.annotations.NullMarked;
