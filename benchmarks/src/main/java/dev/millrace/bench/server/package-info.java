/** What the canned servers share, and the trivial function that every peer works against. */
@NullMarked
package dev.millrace.bench.server;

import org.jspecify.annotations.NullMarked;
