/**
 * Amazon Kinesis Data Streams behind core's stream port: clients, reading by GetRecords and by enhanced fan-out, failures,
 * aggregated records, and the event JSON of {@code aws:kinesis}.
 */
@NullMarked
package dev.millrace.kinesis;

import org.jspecify.annotations.NullMarked;
