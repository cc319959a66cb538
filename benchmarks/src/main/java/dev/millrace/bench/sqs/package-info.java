/** The SQS benchmark: its peers and what is measured of them. */
@NullMarked
package dev.millrace.bench.sqs;

import org.jspecify.annotations.NullMarked;
