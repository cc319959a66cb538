@NullMarked
package dev.millrace.kinesis;

import org.jspecify.annotations.NullMarked;
