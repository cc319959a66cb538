/** DynamoDB Streams behind core's stream port: clients, calls, failures, and the event JSON of {@code aws:dynamodb}. */
@NullMarked
package dev.millrace.dynamodb;

import org.jspecify.annotations.NullMarked;
