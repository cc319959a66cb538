@NullMarked
package dev.millrace.filter;

import org.jspecify.annotations.NullMarked;
