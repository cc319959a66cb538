/** Tests of the mapping rules. */
@NullMarked
package dev.millrace.mapping;

import org.jspecify.annotations.NullMarked;
