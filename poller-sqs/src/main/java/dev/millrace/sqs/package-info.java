/** Amazon SQS behind core's queue port: clients, calls, failures, and the event JSON of {@code aws:sqs}. */
@NullMarked
package dev.millrace.sqs;

import org.jspecify.annotations.NullMarked;
