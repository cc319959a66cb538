package dev.millrace.daemon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.checkpoint.MappingDefinitions.Definition;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace mappings show}: the texts that are in the store. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Print mappings that nodes share.",
        description = {
            "",
            "Prints them as JSON with all their members, as `millrace mappings put` takes them again.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of them are printed",
            "1:one of them is not there, or the store cannot be read",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace mappings show millrace.yaml                 all of them",
            "  millrace mappings show millrace.yaml UUID > one.json   to edit and put"
        })
final class ShowMappingsCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private NodeStore store;

    @Parameters(index = "1..*", paramLabel = "UUID", description = "Which ones; all of them when none is named.")
    private List<UUID> mappings = List.of();

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = store.out();
        PrintWriter err = store.err();
        return store.open(open -> {
            int code = ExitCode.OK;
            ObjectNode root = JsonNodeFactory.instance.objectNode();
            ArrayNode list = root.putArray("EventSourceMappings");
            Set<UUID> missing = new LinkedHashSet<>(mappings);
            for (Definition definition : open.definitions().load()) {
                if (mappings.isEmpty() || missing.remove(definition.mapping())) {
                    try {
                        list.add(JSON.readTree(definition.json()));
                    } catch (IOException e) {
                        err.println(definition.mapping() + ": is no JSON: " + e.getMessage());
                        code = ExitCode.FAILURE;
                    }
                }
            }
            for (UUID mapping : missing) {
                err.println(mapping + ": there is no such mapping");
                code = ExitCode.FAILURE;
            }
            err.flush();
            out.println(root.toPrettyString());
            out.flush();
            return code;
        });
    }
}
