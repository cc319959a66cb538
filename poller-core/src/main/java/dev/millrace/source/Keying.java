package dev.millrace.source;

/**
 * By which keys a source tells the records of a stream apart. The order of records, and what is stored of lanes, holds for
 * one of these only. The names are part of what is stored.
 */
public enum Keying {
    /** Each record of the stream is one record, by its own key. */
    WHOLE,
    /** What a producer has packed into one record comes as records of their own, each by its own key (spec 3.1). */
    UNPACKED
}
