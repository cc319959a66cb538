package dev.millrace.kcl;

import dev.millrace.coordination.Placement;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

class KclPlacementContractTest extends PlacementContract {

    private final TestNode node = new TestNode(UUID.randomUUID(), "only");

    @AfterEach
    void close() {
        node.close();
    }

    @Override
    protected Placement placement() {
        return node.placement;
    }
}
