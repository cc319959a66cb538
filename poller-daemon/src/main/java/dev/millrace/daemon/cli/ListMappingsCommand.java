package dev.millrace.daemon.cli;

import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.daemon.shared.ReadDefinition;
import dev.millrace.mapping.EventSourceMapping;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace mappings list}: what is in the store, and what a node makes of it. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "List the mappings that nodes share.",
        description = {
            "",
            "Says of each what a node with this configuration makes of it: polled, disabled, overridden by the"
                    + " configuration's own mappings, or wrong, with the reasons on standard error.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:they are listed, also when there are none",
            "1:the store cannot be read",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  millrace mappings list millrace.yaml"})
final class ListMappingsCommand implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private NodeStore store;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = store.out();
        PrintWriter err = store.err();
        return store.open(open -> {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("UUID", "SOURCE", "FUNCTION", "BATCH", "CHANGED", "STATE"));
            for (ReadDefinition definition : open.read()) {
                rows.add(row(definition));
                problems(definition)
                        .forEach(problem -> err.println(definition.definition().mapping() + ": " + problem));
            }
            ConfigReport.printTable(rows, out);
            out.flush();
            err.flush();
            return ExitCode.OK;
        });
    }

    private static List<String> row(ReadDefinition definition) {
        return switch (definition) {
            case ReadDefinition.Usable(var one, var mapping) ->
                row(one, mapping, mapping.enabled() ? "polled" : "disabled");
            case ReadDefinition.Overridden(var one, var mapping, var _) -> row(one, mapping, "overridden");
            case ReadDefinition.Wrong(var one, var _) ->
                List.of(one.mapping().toString(), "?", "?", "?", one.changed().toString(), "wrong");
        };
    }

    private static List<String> row(Definition definition, EventSourceMapping mapping, String state) {
        return List.of(
                mapping.uuid().toString(),
                mapping.eventSourceArn().toString(),
                mapping.function().toString(),
                String.format(Locale.ROOT, "%d", mapping.batchSize()),
                definition.changed().toString(),
                state);
    }

    private static List<String> problems(ReadDefinition definition) {
        return switch (definition) {
            case ReadDefinition.Usable _ -> List.of();
            case ReadDefinition.Overridden(var _, var _, var reason) -> List.of(reason);
            case ReadDefinition.Wrong(var _, var problems) -> problems;
        };
    }
}
