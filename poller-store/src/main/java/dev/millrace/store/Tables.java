package dev.millrace.store;

/** The tables of a store. Owned by the commit thread. */
record Tables(MappingTable mappings, ShardTable shards, AuditTable audit) {}
