/** The operations of Kinesis: from a decoded request to the model and back to an answer. */
@NullMarked
package dev.millrace.testkit.kinesis.operation;

import org.jspecify.annotations.NullMarked;
