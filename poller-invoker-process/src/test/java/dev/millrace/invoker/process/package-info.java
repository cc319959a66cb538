@NullMarked
package dev.millrace.invoker.process;

import org.jspecify.annotations.NullMarked;
