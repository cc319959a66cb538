/**
 * Functions as local processes: the daemon serves the Lambda Runtime API on loopback, one port per process, and keeps a
 * pool of warm processes, so that an existing Lambda function in any language runs unmodified on one box.
 *
 * <p>Reading order: {@link ProcessInvoker} (one invocation), {@link ProcessPool} (which processes live),
 * {@link FunctionProcess} (one process), {@link RuntimeSession} (what it and we have agreed on so far),
 * {@link RuntimeApi} (the routes), {@link LoopbackServer} (the HTTP underneath).
 */
@NullMarked
package dev.millrace.invoker.process;

import org.jspecify.annotations.NullMarked;
