/** Tests of tables of our own. */
@NullMarked
package dev.millrace.aws.table;

import org.jspecify.annotations.NullMarked;
