/** STS as a client sees it that assumes roles. */
@NullMarked
package dev.millrace.testkit.sts;

import org.jspecify.annotations.NullMarked;
