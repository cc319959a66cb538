/** Functions behind AWS Lambda's Invoke API: AWS itself, emulators of it, and the Runtime Interface Emulator. */
@NullMarked
package dev.millrace.invoker.lambda;

import org.jspecify.annotations.NullMarked;
