/** The Kinesis benchmark: its peers and what is measured of them. */
@NullMarked
package dev.millrace.bench.kinesis;

import org.jspecify.annotations.NullMarked;
