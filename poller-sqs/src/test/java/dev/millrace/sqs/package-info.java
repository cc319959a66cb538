@NullMarked
package dev.millrace.sqs;

import org.jspecify.annotations.NullMarked;
