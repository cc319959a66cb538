/** Tests of the Kinesis server, through the AWS SDK as its clients use it. */
@NullMarked
package dev.millrace.testkit.kinesis;

import org.jspecify.annotations.NullMarked;
