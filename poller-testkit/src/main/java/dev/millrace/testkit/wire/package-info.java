/** What clients of our own servers see on the wire: HTTP/1.1, the encodings of requests and answers, and event streams. */
@NullMarked
package dev.millrace.testkit.wire;

import org.jspecify.annotations.NullMarked;
