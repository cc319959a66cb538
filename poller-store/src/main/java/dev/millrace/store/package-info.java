/**
 * The embedded store: checkpoints of one node in one SQLite file. The calls of many threads meet in a {@link
 * dev.millrace.store.CallQueue}; one {@link dev.millrace.store.CommitThread} owns the connection and makes all that wait
 * durable in one commit.
 */
@NullMarked
package dev.millrace.store;

import org.jspecify.annotations.NullMarked;
