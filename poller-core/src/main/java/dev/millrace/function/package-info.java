/** One function shared by its mappings: reserved concurrency, circuit breaker, versions and aliases. */
@NullMarked
package dev.millrace.function;

import org.jspecify.annotations.NullMarked;
