package dev.millrace.daemon.config;

import dev.millrace.checkpoint.CheckpointStoreProvider;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.NearestMatch;
import dev.millrace.config.Section;
import dev.millrace.daemon.config.CoordinationSettings.Mode;
import java.util.List;
import java.util.Optional;

/** Reads the section {@code Store}: its type says who reads the rest. */
final class StoreReader {

    private static final String TYPE = "Type";

    private final List<CheckpointStoreProvider> providers;

    StoreReader(List<CheckpointStoreProvider> providers) {
        this.providers = providers;
    }

    /** The settings; where there is no section, or no type in it, those of the first type that suits the mode. */
    StoreSettings read(Section root, Mode mode, AwsSettings aws) {
        Section section =
                root.section("Store").orElseGet(() -> Section.empty("Store", root.position(), root.problems()));
        boolean shared = mode == Mode.KCL;
        CheckpointStoreProvider suiting = providers.stream()
                .filter(provider -> provider.isShared() == shared)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no store for mode " + mode + " is on the class path"));
        String type = section.string(TYPE, suiting.type());
        Optional<CheckpointStoreProvider> found = providers.stream()
                .filter(provider -> provider.type().equalsIgnoreCase(type.strip()))
                .findFirst();
        if (found.isEmpty()) {
            List<String> types =
                    providers.stream().map(CheckpointStoreProvider::type).toList();
            section.problem(
                    TYPE,
                    "'" + type + "' is no type of store; "
                            + NearestMatch.of(type, types)
                                    .map(match -> "did you mean '" + match + "'?")
                                    .orElseGet(() -> "there are: " + String.join(", ", types)));
        } else if (found.get().isShared() != shared) {
            section.problem(
                    TYPE,
                    shared
                            ? found.get().type()
                                    + " is one node's own, and in Coordination.Mode Kcl all nodes need the same"
                                    + " store; write " + suiting.type()
                            : found.get().type() + " is shared by nodes, which only Coordination.Mode Kcl keeps from"
                                    + " processing the same shards; set that mode, also for a single node, or write "
                                    + suiting.type());
        }
        CheckpointStoreProvider provider = found.orElse(suiting);
        CheckpointStoreProvider.StoreFactory factory = provider.configure(section, aws);
        section.rejectUnknownKeys();
        return new StoreSettings(provider.type(), factory);
    }
}
