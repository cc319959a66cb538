package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnionTypeTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules that can only be seen in the source. Each exception names its reason; one that is not needed fails too. */
class SourceRulesTest {

    private static final Set<String> CATCH_ALL = Set.of("Exception", "Throwable");
    private static final Set<String> PAUSES = Set.of("sleep", "parkNanos", "parkUntil");

    /** Sources outside runner and daemon that may catch everything. */
    private static final Map<String, String> MAY_CATCH_EVERYTHING = Map.of(
            "poller-testkit/src/main/java/dev/millrace/testkit/Eventually.java",
            "whatever an assertion throws means that it does not hold yet");

    /** Tests and test servers that may pause. */
    private static final Map<String, String> MAY_PAUSE = Map.of(
            "poller-testkit/src/main/java/dev/millrace/testkit/Eventually.java",
            "the one place that looks again and again at something real",
            "poller-daemon/src/test/java/dev/millrace/daemon/it/KilledDaemonIT.java",
            "the random moment of the kill, and a function that takes time for its work",
            "poller-daemon/src/test/java/dev/millrace/daemon/it/traffic/KilledStreamIT.java",
            "the random moment of the kill",
            "poller-daemon/src/test/java/dev/millrace/daemon/it/cluster/KilledClusterIT.java",
            "how long a node is frozen",
            "poller-daemon/src/test/java/dev/millrace/daemon/it/traffic/FlakyFunction.java",
            "a function that takes time for its work",
            "poller-invokers/src/test/java/dev/millrace/invoker/http/HttpInvokerTest.java",
            "a connection must grow old: its age is what is tested",
            "poller-testkit/src/main/java/dev/millrace/testkit/InvokerContract.java",
            "waits for real servers, which tell nobody when their state changes");

    @Test
    void onlyTheRunnerAndTheDaemonCatchEverything() {
        List<JavaSource> sources = JavaSource.all().stream()
                .filter(source -> !source.isTest())
                .filter(source -> !source.packageName().equals("dev.millrace.runner"))
                .filter(source -> !source.packageName().equals("dev.millrace.daemon.run"))
                .toList();

        assertOnlyIn(MAY_CATCH_EVERYTHING, find(sources, SourceRulesTest::catchesEverything));
    }

    @Test
    void noTestSleeps() {
        List<JavaSource> sources = JavaSource.all().stream()
                .filter(source -> source.isTest() || source.path().startsWith("poller-testkit/"))
                .toList();

        assertOnlyIn(MAY_PAUSE, find(sources, SourceRulesTest::pauses));
    }

    private static boolean catchesEverything(Tree tree) {
        if (!(tree instanceof CatchTree block)) {
            return false;
        }
        Tree type = block.getParameter().getType();
        List<? extends Tree> types = type instanceof UnionTypeTree union ? union.getTypeAlternatives() : List.of(type);
        return types.stream().anyMatch(one -> CATCH_ALL.contains(one.toString()));
    }

    private static boolean pauses(Tree tree) {
        if (!(tree instanceof MethodInvocationTree call)) {
            return false;
        }
        String name = switch (call.getMethodSelect()) {
            case MemberSelectTree member -> member.getIdentifier().toString();
            case IdentifierTree method -> method.getName().toString();
            default -> "";
        };
        return PAUSES.contains(name);
    }

    private record Finding(String path, String place) {}

    private static List<Finding> find(List<JavaSource> sources, Predicate<Tree> wanted) {
        List<Finding> findings = new ArrayList<>();
        for (JavaSource source : sources) {
            new TreeScanner<@Nullable Void, @Nullable Void>() {
                @Override
                public @Nullable Void scan(@Nullable Tree tree, @Nullable Void nothing) {
                    if (tree != null && wanted.test(tree)) {
                        findings.add(new Finding(source.path(), source.place(tree)));
                    }
                    return super.scan(tree, null);
                }
            }.scan(source.unit(), null);
        }
        return findings;
    }

    private static void assertOnlyIn(Map<String, String> allowed, List<Finding> findings) {
        assertThat(findings)
                .filteredOn(finding -> !allowed.containsKey(finding.path()))
                .extracting(Finding::place)
                .isEmpty();
        Set<String> unneeded = new TreeSet<>(allowed.keySet());
        findings.forEach(finding -> unneeded.remove(finding.path()));
        assertThat(unneeded).as("exceptions that nothing needs").isEmpty();
    }
}
