package dev.millrace.daemon.it.policies;

import java.nio.file.Path;
import java.util.UUID;

/** What becomes of records in cluster mode, with leases and the store in DynamoDB. */
final class KclPoliciesIT extends PoliciesContract {

    /** Tables of this run's own: DynamoDB Local outlives it. */
    private final String tables = "policies-" + UUID.randomUUID().toString().substring(0, 8);

    @Override
    protected String mode(Path folder) {
        return """
            Coordination: {Mode: Kcl, NodeName: only, LeaseTablePrefix: %1$s-leases-, Preset: Fast}
            Store: {Type: DynamoDb, Table: %1$s}
            """.formatted(tables);
    }
}
