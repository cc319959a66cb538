package dev.millrace.store;

/** The prepared statements of a connection, by table. Owned by the commit thread. */
record Tables(MappingTable mappings, ShardTable shards, AuditTable audit) {}
