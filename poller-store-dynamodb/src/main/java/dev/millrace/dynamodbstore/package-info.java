/**
 * The progress of streams in a DynamoDB table that several nodes share. The table's layout is known to {@link
 * dev.millrace.dynamodbstore.StoreTable} and to the classes that make items of it.
 */
@NullMarked
package dev.millrace.dynamodbstore;

import org.jspecify.annotations.NullMarked;
