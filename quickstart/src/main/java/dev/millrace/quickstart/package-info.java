/** The embedded default: emulators of SQS, Kinesis and DynamoDB, a sample function and the daemon in one command. */
@NullMarked
package dev.millrace.quickstart;

import org.jspecify.annotations.NullMarked;
