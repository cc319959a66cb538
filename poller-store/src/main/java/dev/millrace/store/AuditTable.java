package dev.millrace.store;

import dev.millrace.checkpoint.AuditEntry;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The audit: of each mapping the newest {@value #KEPT} entries, and some more until they are next cut. Owned by the commit
 * thread.
 */
final class AuditTable {

    /** Entries kept of a mapping: about 3 MB, and more than a person reads. */
    static final int KEPT = 10_000;

    /** How many entries come between two cuts. */
    static final int BETWEEN_CUTS = 500;

    private final PreparedStatement insert;
    private final PreparedStatement cut;

    /** Entries added since the last cut. A mapping that is not among them is cut at its next entry. */
    private final Map<UUID, Integer> uncut = new HashMap<>();

    AuditTable(Statements statements) throws SQLException {
        this.insert =
                statements.prepare("INSERT INTO audit (mapping, shard_id, at, action, detail) VALUES (?, ?, ?, ?, ?)");
        this.cut = statements.prepare("""
            DELETE FROM audit WHERE mapping = ?1 AND id <=
              (SELECT id FROM audit WHERE mapping = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)\
            """);
    }

    void add(AuditEntry entry) throws SQLException {
        insert.setString(1, entry.mapping().toString());
        insert.setString(2, entry.shardId());
        insert.setString(3, entry.at().toString());
        insert.setString(4, entry.action());
        insert.setString(5, entry.detail());
        insert.execute();
        int since = uncut.getOrDefault(entry.mapping(), BETWEEN_CUTS) + 1;
        if (since > BETWEEN_CUTS) {
            cut.setString(1, entry.mapping().toString());
            cut.setInt(2, KEPT);
            cut.execute();
            since = 0;
        }
        uncut.put(entry.mapping(), since);
    }
}
