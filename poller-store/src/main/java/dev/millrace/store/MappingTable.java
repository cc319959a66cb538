package dev.millrace.store;

import dev.millrace.checkpoint.MappingProgress;
import dev.millrace.checkpoint.ProgressText;
import dev.millrace.checkpoint.ShardProgress;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The mappings. Owned by the commit thread. */
final class MappingTable {

    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private final PreparedStatement load;

    MappingTable(Statements statements) throws SQLException {
        this.insert = statements.prepare(
                "INSERT INTO mappings (uuid, event_source_arn, created, stream_created) VALUES (?, ?, ?, ?)");
        this.delete = statements.prepare("DELETE FROM mappings WHERE uuid = ?");
        this.load = statements.prepare("SELECT event_source_arn, created, stream_created FROM mappings WHERE uuid = ?");
    }

    /** Stores a mapping, without its shards; what was stored of it and of its shards is gone. */
    void replace(String mapping, MappingProgress progress) throws SQLException {
        delete.setString(1, mapping);
        delete.execute();
        insert.setString(1, mapping);
        insert.setString(2, progress.eventSourceArn());
        insert.setString(3, progress.created().toString());
        insert.setString(4, ProgressText.of(progress.streamCreated()));
        insert.execute();
    }

    /** The mapping with these shards. */
    Optional<MappingProgress> load(String mapping, Map<String, ShardProgress> shards) throws SQLException {
        load.setString(1, mapping);
        try (ResultSet row = load.executeQuery()) {
            return row.next()
                    ? Optional.of(new MappingProgress(
                            row.getString(1),
                            Instant.parse(row.getString(2)),
                            ProgressText.time(row.getString(3)),
                            shards))
                    : Optional.empty();
        }
    }
}
