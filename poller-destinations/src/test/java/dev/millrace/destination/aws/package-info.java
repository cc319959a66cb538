@NullMarked
package dev.millrace.destination.aws;

import org.jspecify.annotations.NullMarked;
