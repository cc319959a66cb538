/** One contract for what becomes of records, which a daemon on its own and one in cluster mode keep alike. */
@NullMarked
package dev.millrace.daemon.it.policies;

import org.jspecify.annotations.NullMarked;
