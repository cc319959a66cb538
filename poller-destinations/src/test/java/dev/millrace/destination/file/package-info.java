@NullMarked
package dev.millrace.destination.file;

import org.jspecify.annotations.NullMarked;
