/** DynamoDB Local in memory, as a process that ends with its parent. */
@NullMarked
package dev.millrace.emulator.dynamodb;

import org.jspecify.annotations.NullMarked;
