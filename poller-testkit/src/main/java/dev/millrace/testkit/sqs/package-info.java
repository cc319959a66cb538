/** SQS-compatible servers that a test suite can run against, and queues on them. */
@NullMarked
package dev.millrace.testkit.sqs;

import org.jspecify.annotations.NullMarked;
