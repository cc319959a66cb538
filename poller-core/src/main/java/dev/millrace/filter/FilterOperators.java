package dev.millrace.filter;

/** Which operators a pattern may use (spec 6.2, first table). */
public enum FilterOperators {
    /** Those that AWS documents for event source mappings or for EventBridge Pipes. */
    DOCUMENTED,
    /**
     * Also those that only the engine has: {@code wildcard}, {@code cidr}, {@code exactly}, and {@code anything-but} with
     * {@code prefix}, {@code suffix}, {@code equals-ignore-case} or {@code wildcard}. AWS may refuse such a pattern.
     */
    ALL
}
