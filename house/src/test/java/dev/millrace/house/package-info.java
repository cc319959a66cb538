/** The rules of this repository, checked: format, architecture, sizes, sources, documents. */
@NullMarked
package dev.millrace.house;

import org.jspecify.annotations.NullMarked;
