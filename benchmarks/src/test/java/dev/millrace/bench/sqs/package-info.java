@NullMarked
package dev.millrace.bench.sqs;

import org.jspecify.annotations.NullMarked;
