/**
 * Coordination of several nodes by the Kinesis Client Library: it owns the leases, nothing else. No record passes through it,
 * and it never asks a stream for anything (ADR 0024).
 */
@NullMarked
package dev.millrace.kcl;

import org.jspecify.annotations.NullMarked;
