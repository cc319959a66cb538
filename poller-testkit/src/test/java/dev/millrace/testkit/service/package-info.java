/** What tests of our own servers share. */
@NullMarked
package dev.millrace.testkit.service;

import org.jspecify.annotations.NullMarked;
