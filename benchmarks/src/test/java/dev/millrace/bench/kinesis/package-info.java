@NullMarked
package dev.millrace.bench.kinesis;

import org.jspecify.annotations.NullMarked;
