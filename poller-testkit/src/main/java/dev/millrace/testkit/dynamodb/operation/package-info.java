/** The operations of DynamoDB Streams: from a decoded request to the model and back to an answer. */
@NullMarked
package dev.millrace.testkit.dynamodb.operation;

import org.jspecify.annotations.NullMarked;
