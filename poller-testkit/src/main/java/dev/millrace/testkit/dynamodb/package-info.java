/** DynamoDB-compatible servers that a test suite can run against, one of which fails on cue, and tables on them. */
@NullMarked
package dev.millrace.testkit.dynamodb;

import org.jspecify.annotations.NullMarked;
