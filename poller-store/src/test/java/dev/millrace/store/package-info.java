/** Tests of the embedded store. */
@NullMarked
package dev.millrace.store;

import org.jspecify.annotations.NullMarked;
