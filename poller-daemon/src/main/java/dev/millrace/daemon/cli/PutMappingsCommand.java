package dev.millrace.daemon.cli;

import dev.millrace.checkpoint.MappingDefinitions;
import dev.millrace.checkpoint.StoreException;
import dev.millrace.daemon.config.LoadedConfig;
import dev.millrace.daemon.config.MappingTexts;
import dev.millrace.daemon.shared.PutPlan;
import dev.millrace.daemon.shared.PutPlan.Kind;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.MappingRules;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace mappings put}: writes mappings of a file into the store. */
@Command(
        name = "put",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Add or change mappings that nodes share.",
        description = {
            "",
            "Takes EventSourceMappings and Templates of a file, checks them as if they were the configuration's own,"
                    + " and writes those that are new or changed: all of them or none. Nodes follow within"
                    + " Store.MappingsRefreshSeconds. Mappings that are not in the file stay as they are.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the store has them",
            "1:the store cannot be read or written, or somebody else has changed the same mappings",
            "2:the command line, the configuration or the file is wrong; nothing is written"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  millrace mappings put millrace.yaml mappings.yaml"})
final class PutMappingsCommand implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private NodeStore store;

    @Parameters(
            index = "1",
            paramLabel = "MAPPINGS",
            description = "What to put: EventSourceMappings and Templates, YAML or JSON.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call.
    private Path mappings;

    @Override
    public Integer call() throws InterruptedException {
        return store.open(this::put);
    }

    private int put(OpenDefinitions open) throws StoreException, InterruptedException {
        PrintWriter err = store.err();
        MappingTexts.Read read =
                new MappingTexts(open.config(), open.plugins(), Instant.now()).file(mappings, System::getenv);
        if (!read.problems().isEmpty()) {
            ConfigReport.printProblems(mappings, new LoadedConfig.Invalid(read.problems()), err);
            return ExitCode.BAD_INPUT;
        }
        read.warnings().forEach(warning -> err.println("warning: " + warning));
        PutPlan plan = PutPlan.of(read.mappings(), open.read(), Instant.now().truncatedTo(ChronoUnit.MILLIS));
        if (!plan.refusals().isEmpty()) {
            plan.refusals().forEach(refusal -> err.println(mappings + ": " + refusal));
            return nothing("not all of these mappings can be shared", ExitCode.BAD_INPUT);
        }
        if (plan.changes().size() > MappingDefinitions.MOST_CHANGES) {
            return nothing(
                    plan.changes().size() + " mappings are new or changed, and at most "
                            + MappingDefinitions.MOST_CHANGES + " can be written as a whole; put them in parts",
                    ExitCode.BAD_INPUT);
        }
        for (EventSourceMapping mapping : read.mappings()) {
            MappingRules.conflict(mapping, open.config().mappings())
                    .ifPresent(_ -> err.println("warning: " + mapping.uuid() + " of " + mapping.eventSourceArn()
                            + " is in " + store.config() + ", too, and nodes with this file poll what the file says"));
        }
        err.flush();
        if (!open.definitions().put(plan.changes())) {
            return nothing(
                    "somebody else has changed the same mappings at the same time; look at them and put again",
                    ExitCode.FAILURE);
        }
        print(plan, store.out());
        return ExitCode.OK;
    }

    private int nothing(String reason, int code) {
        return store.failed("nothing was written: " + reason, code);
    }

    private static void print(PutPlan plan, PrintWriter out) {
        for (PutPlan.Step step : plan.steps()) {
            out.println(word(step.kind()) + "  " + step.mapping().uuid() + "  "
                    + step.mapping().eventSourceArn() + "  " + step.mapping().function());
        }
        out.println(plan.count(Kind.ADDED) + " added, " + plan.count(Kind.CHANGED) + " changed, "
                + plan.count(Kind.LEFT) + " left as they were");
        out.flush();
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case ADDED -> "added  ";
            case CHANGED -> "changed";
            case LEFT -> "left   ";
        };
    }
}
