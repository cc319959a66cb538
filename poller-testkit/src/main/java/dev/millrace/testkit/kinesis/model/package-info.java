/** Streams, shards and records in memory, with the rules of Kinesis and without any wire. */
@NullMarked
package dev.millrace.testkit.kinesis.model;

import org.jspecify.annotations.NullMarked;
