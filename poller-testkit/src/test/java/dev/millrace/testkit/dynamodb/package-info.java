/** Tests of the DynamoDB servers, through the AWS SDK as its clients use them. */
@NullMarked
package dev.millrace.testkit.dynamodb;

import org.jspecify.annotations.NullMarked;
