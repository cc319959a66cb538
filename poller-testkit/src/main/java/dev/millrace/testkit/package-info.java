/** Test servers, contracts that adapters must keep, guarantees and fakes. On no shipped class path. */
@NullMarked
package dev.millrace.testkit;

import org.jspecify.annotations.NullMarked;
