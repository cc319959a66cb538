package dev.millrace.store;

import dev.millrace.checkpoint.AuditEntry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The audit in a closed store's file, read as docs/operations.md tells operators to. */
final class StoredAudit {

    private StoredAudit() {}

    /** Newest first. */
    static List<AuditEntry> of(Path file, UUID mapping) throws SQLException {
        List<AuditEntry> entries = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                PreparedStatement select = connection.prepareStatement(
                        "SELECT at, shard_id, action, detail FROM audit WHERE mapping = ? ORDER BY id DESC")) {
            select.setString(1, mapping.toString());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    entries.add(new AuditEntry(
                            Instant.parse(row.getString(1)),
                            mapping,
                            row.getString(2),
                            row.getString(3),
                            row.getString(4)));
                }
            }
        }
        return entries;
    }
}
