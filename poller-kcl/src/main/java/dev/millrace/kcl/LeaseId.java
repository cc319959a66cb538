package dev.millrace.kcl;

/** One lease among those of all mappings. */
record LeaseId(String table, String shardId) {}
