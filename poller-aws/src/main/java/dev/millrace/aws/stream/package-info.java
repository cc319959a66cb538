/** What the adapters of AWS's streams share: reading a shard by iterators, what failures mean, and the service's time. */
@NullMarked
package dev.millrace.aws.stream;

import org.jspecify.annotations.NullMarked;
