/** Streams of tables, their shards and records in memory, with the rules of DynamoDB Streams and without any wire. */
@NullMarked
package dev.millrace.testkit.dynamodb.model;

import org.jspecify.annotations.NullMarked;
