/** What Kinesis's clients see on the wire: HTTP/1.1, the two encodings of requests and answers, and event streams. */
@NullMarked
package dev.millrace.testkit.kinesis.wire;

import org.jspecify.annotations.NullMarked;
