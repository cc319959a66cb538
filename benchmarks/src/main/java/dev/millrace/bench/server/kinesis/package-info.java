/** The canned stream, and the table that a consumer with leases needs beside it. */
@NullMarked
package dev.millrace.bench.server.kinesis;

import org.jspecify.annotations.NullMarked;
