/** What the adapters of AWS's services share: credentials. */
@NullMarked
package dev.millrace.aws;

import org.jspecify.annotations.NullMarked;
