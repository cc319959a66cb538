@NullMarked
package dev.millrace.dynamodbstore;

import org.jspecify.annotations.NullMarked;
