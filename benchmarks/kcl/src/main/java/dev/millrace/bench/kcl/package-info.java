/** The Kinesis Client Library as a peer of the Kinesis benchmark. */
@NullMarked
package dev.millrace.bench.kcl;

import org.jspecify.annotations.NullMarked;
