/** Mappings that nodes share in a store: what this node makes of them, and what has to change when they do. */
@NullMarked
package dev.millrace.daemon.shared;

import org.jspecify.annotations.NullMarked;
