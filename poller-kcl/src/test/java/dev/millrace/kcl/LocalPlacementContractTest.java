package dev.millrace.kcl;

import dev.millrace.coordination.Placement;
import dev.millrace.runner.LocalPlacement;

class LocalPlacementContractTest extends PlacementContract {

    private final LocalPlacement placement = new LocalPlacement();

    @Override
    protected Placement placement() {
        return placement;
    }
}
