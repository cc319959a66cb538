/** The event source mapping as AWS spells it, and its validation. Pure. */
@NullMarked
package dev.millrace.mapping;

import org.jspecify.annotations.NullMarked;
