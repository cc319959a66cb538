package dev.millrace.daemon.it.policies;

import java.nio.file.Path;

/** What becomes of records on one node, with a store in a file. */
final class StandalonePoliciesIT extends PoliciesContract {

    @Override
    protected String mode(Path folder) {
        return """
            Coordination: {Mode: Standalone}
            Store: {Type: File, Path: "%s"}
            """.formatted(folder.resolve("millrace.db"));
    }
}
