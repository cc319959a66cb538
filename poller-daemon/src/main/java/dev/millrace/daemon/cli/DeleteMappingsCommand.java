package dev.millrace.daemon.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace mappings delete}: takes mappings out of the store. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Delete mappings that nodes share.",
        description = {
            "",
            "Nodes stop polling them within Store.MappingsRefreshSeconds. How far they were processed stays stored:"
                    + " put again with the same UUID, they go on from there.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of them are deleted",
            "1:one of them is not there, or the store cannot be written",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  millrace mappings delete millrace.yaml 703756da-9860-3e04-8ddd-16f881459426"})
final class DeleteMappingsCommand implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private NodeStore store;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "UUID", description = "Which ones.")
    private List<UUID> mappings = List.of();

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = store.out();
        PrintWriter err = store.err();
        return store.open(open -> {
            int code = ExitCode.OK;
            for (UUID mapping : mappings) {
                if (open.definitions().delete(mapping)) {
                    out.println("deleted  " + mapping);
                    out.flush();
                } else {
                    err.println(mapping + ": there is no such mapping");
                    err.flush();
                    code = ExitCode.FAILURE;
                }
            }
            return code;
        });
    }
}
