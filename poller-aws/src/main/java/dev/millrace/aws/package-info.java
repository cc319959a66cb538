/** What the adapters of AWS's services share: credentials, clients, what failures mean, and where a queue is. */
@NullMarked
package dev.millrace.aws;

import org.jspecify.annotations.NullMarked;
