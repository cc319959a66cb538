/** The canned queue service. */
@NullMarked
package dev.millrace.bench.server.sqs;

import org.jspecify.annotations.NullMarked;
