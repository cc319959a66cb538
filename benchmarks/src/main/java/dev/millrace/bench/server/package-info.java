/** The two servers that every peer works against: a canned queue service and a trivial function. */
@NullMarked
package dev.millrace.bench.server;

import org.jspecify.annotations.NullMarked;
