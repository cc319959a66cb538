/** The contract of on-failure destinations, and the servers that its tests run against. */
@NullMarked
package dev.millrace.testkit.destination;

import org.jspecify.annotations.NullMarked;
