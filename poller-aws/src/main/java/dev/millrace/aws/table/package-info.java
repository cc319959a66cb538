/** What users of DynamoDB tables of our own share: clients, making a table, and what failures mean. */
@NullMarked
package dev.millrace.aws.table;

import org.jspecify.annotations.NullMarked;
