package dev.millrace.mapping;

import java.util.Optional;

/** Asks the filter engine about a pattern. Called once per pattern while a mapping is checked, on the checking thread. */
@FunctionalInterface
public interface PatternCheck {

    /** Why the pattern cannot be used for this kind of source, for people; empty when it can. */
    Optional<String> reason(String pattern, EventSourceKind kind);
}
