@NullMarked
package dev.millrace.bench.server;

import org.jspecify.annotations.NullMarked;
