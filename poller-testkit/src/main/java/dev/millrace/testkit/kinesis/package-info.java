/** Kinesis-compatible servers that a test suite can run against, one of which fails on cue. */
@NullMarked
package dev.millrace.testkit.kinesis;

import org.jspecify.annotations.NullMarked;
