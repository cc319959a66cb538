@NullMarked
package dev.millrace.bench.server.kinesis;

import org.jspecify.annotations.NullMarked;
