package dev.millrace.invoke;

/** What the circuit breaker of a mapping's function allows. */
public enum FunctionHealth {
    /** Closed: invoke as the concurrency limit allows. */
    AVAILABLE,
    /** Open: receive nothing, so that messages stay in the queue untouched. */
    SUSPENDED,
    /** Half open: one batch at a time, to see whether the function answers again. */
    PROBING
}
