/** On-failure destinations at AWS: queues, topics and buckets. */
@NullMarked
package dev.millrace.destination.aws;

import org.jspecify.annotations.NullMarked;
