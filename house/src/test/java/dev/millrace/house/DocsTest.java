package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreeScanner;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the documents say of files, modules and metrics is true. */
class DocsTest {

    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^\\s*(```|~~~).*?^\\s*\\1\\s*$");
    private static final Pattern INLINE_CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");
    private static final Pattern REFERENCE = Pattern.compile("(?m)^\\s*\\[[^]]+]:\\s*<?(\\S+?)>?\\s*$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6}\\s+(.*?)\\s*#*\\s*$");
    private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");

    /** A test; of one after another in the same class only the first one names it. */
    private static final Pattern PROOF = Pattern.compile("`(\\w*)\\.(\\w+)`");

    private static final Pattern LAST_CELL = Pattern.compile("(?m)^\\|.*\\|([^|\n]*)\\|\\s*$");
    private static final Pattern PARENT = Pattern.compile("class \\w+ extends (\\w+)");

    private static final String METRIC_PREFIX = "millrace.";
    /** What takes texts with that prefix that name no metric: files. */
    private static final String NO_METER = "Path.of";

    // ---- links ----

    @Test
    void everyRelativeLinkLeadsSomewhere() {
        List<String> broken = new ArrayList<>();
        for (Path document : Repository.files(".md")) {
            for (String link : links(Repository.read(document))) {
                if (!SCHEME.matcher(link).matches() && !resolves(document, link)) {
                    broken.add(Repository.shown(document) + " -> " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static List<String> links(String markdown) {
        String prose =
                INLINE_CODE.matcher(CODE_BLOCK.matcher(markdown).replaceAll("")).replaceAll("code");
        List<String> links = new ArrayList<>();
        for (Pattern form : List.of(LINK, REFERENCE)) {
            for (Matcher matcher = form.matcher(prose); matcher.find(); ) {
                links.add(matcher.group(1));
            }
        }
        return links;
    }

    private static boolean resolves(Path document, String link) {
        int hash = link.indexOf('#');
        String path = URI.create(hash < 0 ? link : link.substring(0, hash)).getPath();
        Path file = path.isEmpty() ? document : document.resolveSibling(path).normalize();
        if (!Files.exists(file) || !file.startsWith(Repository.ROOT)) {
            return false;
        }
        boolean anchored = hash >= 0 && file.toString().endsWith(".md");
        return !anchored || anchors(Repository.read(file)).contains(link.substring(hash + 1));
    }

    /** The anchors of a document's headings, spelt as GitHub does. */
    private static Set<String> anchors(String markdown) {
        Set<String> anchors = new TreeSet<>();
        for (Matcher heading = HEADING.matcher(CODE_BLOCK.matcher(markdown).replaceAll("")); heading.find(); ) {
            String words = heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}\\p{M} _-]", "");
            String anchor = words.replace(' ', '-');
            String unique = anchor;
            for (int copy = 1; !anchors.add(unique); copy++) {
                unique = anchor + "-" + copy;
            }
        }
        return anchors;
    }

    @Test
    void findsLinksOutsideOfCodeOnly() {
        String markdown = """
            See [one](a.md), [two](<b.md> "title"), ![three](c.png) and `[four](d.md)`.
            ```
            [five](e.md)
            ```
            [six]: f.md
            """;

        assertThat(links(markdown)).containsExactly("a.md", "b.md", "c.png", "f.md");
    }

    @Test
    void spellsAnchorsAsGitHubDoes() {
        assertThat(anchors("# A `b`: c, d\n## Twice\n## Twice\n```\n# no\n```\n"))
                .containsExactly("a-b-c-d", "twice", "twice-1");
    }

    // ---- modules ----

    @Test
    void theArchitectureNamesEveryModule() {
        String architecture = Repository.read(Repository.ROOT.resolve("ARCHITECTURE.md"));

        assertThat(Repository.modules())
                .filteredOn(module -> !architecture.contains(module))
                .isEmpty();
    }

    // ---- proofs ----

    @Test
    void everyProofOfParityIsATest() {
        Map<String, String> sources = new HashMap<>();
        for (Path file : Repository.files(".java")) {
            sources.put(Repository.shown(file).replaceFirst(".*/(\\w+)[.]java", "$1"), Repository.read(file));
        }

        for (String page : List.of("docs/aws-parity.md", "docs/aws-parity-streams.md")) {
            assertThat(proofs(Repository.read(Repository.ROOT.resolve(page))))
                    .as(page)
                    .isNotEmpty()
                    .allMatch(proof -> isTest(proof.type(), proof.method(), sources));
        }
    }

    private record Proof(String type, String method) {}

    /** What the last cells of the tables name. */
    private static List<Proof> proofs(String markdown) {
        List<Proof> proofs = new ArrayList<>();
        for (Matcher row = LAST_CELL.matcher(markdown); row.find(); ) {
            String type = "";
            for (Matcher proof = PROOF.matcher(row.group(1)); proof.find(); ) {
                type = proof.group(1).isEmpty() ? type : proof.group(1);
                proofs.add(new Proof(type, proof.group(2)));
            }
        }
        return proofs;
    }

    private static boolean isTest(String type, String method, Map<String, String> sources) {
        String source = sources.getOrDefault(type, "");
        Matcher parent = PARENT.matcher(source);
        return source.contains("void " + method + "(") || (parent.find() && isTest(parent.group(1), method, sources));
    }

    @Test
    void findsInheritedProofsAndThoseThatOmitTheirClass() {
        assertThat(proofs("| `no.proof` | `ATest.a`, `.b` (from `C`) |\n`no.row`\n"))
                .containsExactly(new Proof("ATest", "a"), new Proof("ATest", "b"));
        assertThat(isTest("ATest", "b", Map.of("ATest", "class ATest extends C {", "C", "void b() {")))
                .isTrue();
        assertThat(isTest("ATest", "c", Map.of("ATest", "class ATest {"))).isFalse();
    }

    // ---- metrics ----

    @Test
    void everyMetricIsDocumentedAndEveryDocumentedMetricExists() {
        String text = Repository.read(Repository.ROOT.resolve("docs/metrics.md"));
        Set<String> documented = new TreeSet<>();
        for (Matcher name = Pattern.compile("\\bmillrace_[a-z_]+").matcher(text); name.find(); ) {
            documented.add(name.group().replaceFirst("(?<=_seconds)_(count|sum|bucket|max)$", ""));
        }

        assertThat(documented).containsExactlyInAnyOrderElementsOf(registered());
    }

    @Test
    void knowsTheMetricsByTheirPrometheusNames() {
        assertThat(registered())
                .contains(
                        "millrace_polled_event_count_total",
                        "millrace_invocation_duration_seconds",
                        "millrace_concurrency_limit");
    }

    /** The meters that the daemon's sources register, in Prometheus spelling. */
    private static Set<String> registered() {
        Set<String> names = new TreeSet<>();
        for (JavaSource source : JavaSource.all()) {
            if (!source.isTest() && source.path().startsWith("poller-daemon/")) {
                new TreeScanner<@Nullable Void, @Nullable Void>() {
                    @Override
                    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void nothing) {
                        for (ExpressionTree argument : call.getArguments()) {
                            if (argument instanceof LiteralTree literal
                                    && literal.getValue() instanceof String text
                                    && text.startsWith(METRIC_PREFIX)
                                    && !call.getMethodSelect().toString().equals(NO_METER)) {
                                names.add(prometheusName(text, call.getMethodSelect()));
                            }
                        }
                        return super.visitMethodInvocation(call, null);
                    }
                }.scan(source.unit(), null);
            }
        }
        return names;
    }

    /** A meter's name as the scrape shows it; the call that registers it tells its kind. */
    private static String prometheusName(String meter, ExpressionTree registeringCall) {
        String call = switch (registeringCall) {
            case MemberSelectTree member -> member.toString();
            case IdentifierTree method -> method.getName().toString();
            default -> throw new IllegalStateException("registers " + meter + " in an unknown way: " + registeringCall);
        };
        String name = meter.replace('.', '_');
        return switch (call) {
            case "registry.counter", "Counter.builder", "FunctionCounter.builder" -> name + "_total";
            case "registry.timer", "Timer.builder" -> name + "_seconds";
            case "registry.gauge", "Gauge.builder", "gauge" -> name;
            default -> throw new IllegalStateException("registers " + meter + " in an unknown way: " + call);
        };
    }
}
