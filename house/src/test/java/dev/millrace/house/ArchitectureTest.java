package dev.millrace.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of ARCHITECTURE.md that can be seen in class files. */
class ArchitectureTest {

    private static final String BASE = "dev.millrace.";

    /** Core's packages and what each may use of the others. A missing arrow is a decision, not an oversight. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            entry("config", Set.of()),
            entry("invoke", Set.of("config")),
            entry("mapping", Set.of("config")),
            entry("batch", Set.of("invoke")),
            entry("filter", Set.of("mapping")),
            entry("source", Set.of("config", "invoke", "mapping")),
            entry("checkpoint", Set.of("config", "invoke", "source")),
            entry("failure", Set.of("batch", "config", "invoke", "mapping", "source")),
            entry("coordination", Set.of("checkpoint", "config", "source")),
            entry("function", Set.of("invoke")),
            entry("queue", Set.of("batch", "invoke", "mapping", "source")),
            entry(
                    "runner",
                    Set.of(
                            "batch",
                            "checkpoint",
                            "coordination",
                            "failure",
                            "function",
                            "invoke",
                            "mapping",
                            "queue",
                            "source",
                            "stream")),
            entry("stream", Set.of("batch", "checkpoint", "failure", "invoke", "mapping", "source")));

    /** Packages that decide and never act: they get time, chance and results as arguments. */
    private static final String[] PURE = packages(
            "config",
            "mapping",
            "batch",
            "filter",
            "queue",
            "stream",
            "invoke",
            "source",
            "checkpoint",
            "failure",
            "coordination");

    private static final String[] CORE = packages(ARROWS.keySet().toArray(String[]::new));

    /** The adapters' packages, by adapter. */
    private static final Map<String, String[]> ADAPTERS = Map.of(
            "poller-destinations", new String[] {BASE + "destination.."},
            "poller-dynamodb-streams", new String[] {BASE + "dynamodb.."},
            "poller-kcl", new String[] {BASE + "kcl.."},
            "poller-kinesis", new String[] {BASE + "kinesis.."},
            "poller-sqs", new String[] {BASE + "sqs.."},
            "poller-store", new String[] {BASE + "store.."},
            "poller-store-dynamodb", new String[] {BASE + "dynamodbstore.."},
            "poller-invokers", new String[] {BASE + "invoker", BASE + "invoker.http..", BASE + "invoker.lambda.."},
            "poller-invoker-process", new String[] {BASE + "invoker.process.."});

    /** What adapters share and core does not know; of core it knows the ports of streams and stores. */
    private static final String AWS = BASE + "aws..";

    private static final String[] ABOVE = packages("daemon", "quickstart", "bench");

    /** What a pure package must not know: threads, files, the network, logs. */
    private static final DescribedPredicate<JavaClass> OUTSIDE_WORLD = resideInAnyPackage(
                    "java.util.concurrent..",
                    "java.net..",
                    "java.net.http..",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.util.logging..",
                    "org.slf4j..",
                    "ch.qos.logback..",
                    "io.micrometer..",
                    "io.github.resilience4j..",
                    "software.amazon.awssdk..",
                    "com.amazonaws..")
            .or(type(Thread.class))
            .or(type(Clock.class))
            .and(not(type(URI.class)
                            .or(type(URISyntaxException.class))
                            .or(type(Path.class))
                            .or(type(InvalidPathException.class)))
                    .as("is no URI or path, which are values"))
            .as("threads, clocks, files, the network or logs");

    /** Mutable state on purpose: owned by one thread, which their documentation names. */
    private static final Set<String> STATE_HOLDERS = Set.of(
            "Compilation",
            "ConcurrencyScaler",
            "Deletions",
            "HeldBatch",
            "HeldMessage",
            "JsonBuffer",
            "LaneWork",
            "Members",
            "Outage",
            "QueueWatch",
            "ReceivePacer",
            "Receives",
            "Room",
            "Saves",
            "ShardReads",
            "TumblingWindow",
            "Turn",
            "View");

    private static final String STATE_HOLDER_ENDINGS = ".*(Machine|Lane|Batcher|Tracker|Builder)";

    private static JavaClasses product = new ClassFileImporter().importPackages();

    @BeforeAll
    static void importProduct() {
        product = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/house/"))
                .importPackages("dev.millrace");
    }

    private static String[] packages(String... names) {
        return Arrays.stream(names).map(name -> BASE + name + "..").toArray(String[]::new);
    }

    // ---- pure packages ----

    @Test
    void pureClassesDoNotKnowTheOutsideWorld() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat(OUTSIDE_WORLD)
                .because("time, chance and results come in as arguments")
                .check(product);
    }

    @Test
    void pureClassesAskNeitherForTheTimeNorForChance() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .accessTargetWhere(DescribedPredicate.describe("asks for time or chance", ArchitectureTest::isImpure))
                .because("the same events must give the same commands")
                .check(product);
    }

    private static boolean isImpure(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        String name = access.getTarget().getName();
        return switch (owner) {
            case "java.lang.System" -> !name.equals("arraycopy") && !name.equals("identityHashCode");
            case "java.lang.Math" -> name.equals("random");
            case "java.util.UUID" -> name.equals("randomUUID");
            case "java.util.Random", "java.security.SecureRandom" -> name.equals("<init>");
            default -> owner.startsWith("java.time.") && name.equals("now");
        };
    }

    @Test
    void fieldsOfPureClassesArePrivate() {
        fields().that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(PURE)
                .and()
                .areNotStatic()
                .should()
                .bePrivate()
                .check(product);
    }

    @Test
    void fieldsOfPureClassesAreFinalUnlessTheClassHoldsState() {
        fields().that()
                .areDeclaredInClassesThat(resideInAnyPackage(PURE).and(not(holdsState())))
                .should()
                .beFinal()
                .check(product);
    }

    private static DescribedPredicate<JavaClass> holdsState() {
        return DescribedPredicate.describe(
                "holds state",
                owner -> STATE_HOLDERS.contains(owner.getSimpleName())
                        || owner.getSimpleName().matches(STATE_HOLDER_ENDINGS));
    }

    @Test
    void everyListedStateHolderHasState() {
        Set<String> unneeded = new HashSet<>(STATE_HOLDERS);
        for (JavaClass pure : product.that(resideInAnyPackage(PURE))) {
            if (pure.getFields().stream().anyMatch(ArchitectureTest::isVariable)) {
                unneeded.remove(pure.getSimpleName());
            }
        }
        assertThat(unneeded).as("listed without need").isEmpty();
    }

    private static boolean isVariable(JavaField field) {
        return !field.getModifiers().contains(JavaModifier.FINAL);
    }

    // ---- arrows ----

    @Test
    void corePackagesUseEachOtherOnlyAlongTheArrows() {
        for (Map.Entry<String, Set<String>> arrows : ARROWS.entrySet()) {
            Set<String> forbidden = new HashSet<>(ARROWS.keySet());
            forbidden.remove(arrows.getKey());
            forbidden.removeAll(arrows.getValue());
            noClasses()
                    .that()
                    .resideInAPackage(BASE + arrows.getKey() + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(packages(forbidden.toArray(String[]::new)))
                    .because(arrows.getKey() + " may only use " + arrows.getValue())
                    .check(product);
        }
    }

    @Test
    void everyArrowIsUsed() {
        for (Map.Entry<String, Set<String>> arrows : ARROWS.entrySet()) {
            Set<String> used = product.that(resideInAPackage(BASE + arrows.getKey() + "..")).stream()
                    .flatMap(from -> from.getDirectDependenciesFromSelf().stream())
                    .map(dependency -> dependency.getTargetClass().getPackageName())
                    .filter(name -> name.startsWith(BASE))
                    .map(name -> name.substring(BASE.length()).split("\\.", 2)[0])
                    .collect(Collectors.toSet());
            assertThat(used).as("used by " + arrows.getKey()).containsAll(arrows.getValue());
        }
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.millrace.(**)").should().beFreeOfCycles().check(product);
    }

    @Test
    void coreKnowsNobodyAboveIt() {
        String[] others = Stream.concat(
                        ADAPTERS.values().stream().flatMap(Arrays::stream),
                        Stream.concat(Arrays.stream(ABOVE), Stream.of(AWS, BASE + "testkit..")))
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(product);
    }

    @Test
    void adaptersKnowNeitherEachOtherNorTheDaemon() {
        ADAPTERS.forEach((adapter, own) -> {
            String[] others = Stream.concat(
                            Arrays.stream(ABOVE),
                            ADAPTERS.entrySet().stream()
                                    .filter(other -> !other.getKey().equals(adapter))
                                    .flatMap(other -> Arrays.stream(other.getValue())))
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAnyPackage(own)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .because(adapter + " is a plug-in")
                    .allowEmptyShould(true)
                    .check(product);
        });
    }

    @Test
    void whatAdaptersShareKnowsNobodyButSettingsAndThePortsOfStreamsAndStores() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "aws")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.millrace..").and(not(resideInAnyPackage(BASE + "aws", BASE + "config"))))
                .check(product);
        noClasses()
                .that()
                .resideInAPackage(BASE + "aws.stream")
                .should()
                .dependOnClassesThat(resideInAPackage("dev.millrace..")
                        .and(not(resideInAnyPackage(AWS, BASE + "source", BASE + "mapping"))))
                .check(product);
        noClasses()
                .that()
                .resideInAPackage(BASE + "aws.table")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.millrace..").and(not(resideInAnyPackage(AWS, BASE + "checkpoint"))))
                .check(product);
    }

    @Test
    void theDaemonKnowsAdaptersOnlyThroughTheirPorts() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "daemon..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ADAPTERS.values().stream().flatMap(Arrays::stream).toArray(String[]::new))
                .check(product);
    }

    @Test
    void shippedClassesDoNotUseTheTestKit() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + "testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE + "testkit..", "org.junit..", "org.assertj..")
                .check(product);
    }

    @Test
    void coreDoesNotKnowTheAwsSdk() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon.awssdk..", "com.amazonaws..")
                .check(product);
    }

    @Test
    void onlyTheRecordFilterKnowsTheRuleEngine() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(BASE + "filter.RecordFilter")
                .and()
                .haveNameNotMatching(".*\\.RecordFilter\\$.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.event.ruler..")
                .check(product);
    }

    @Test
    void nobodyUsesTheHttpClientThatLosesRequests() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(product);
    }

    // ---- shapes ----

    @Test
    void noClassIsNamedByWhatEveryClassIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Utils?|Helper|Manager)")
                .because("a thing is named by what it is, an implementation by what is different about it")
                .check(product);
    }

    @Test
    void leavesOfSealedHierarchiesAreRecords() {
        List<String> others = product.stream()
                .map(JavaClass::reflect)
                .filter(Class::isSealed)
                .flatMap(root -> Arrays.stream(root.getPermittedSubclasses()))
                .filter(leaf -> !leaf.isSealed() && !leaf.isRecord())
                // An enum whose constants have bodies is sealed by the compiler.
                .filter(leaf -> !Enum.class.isAssignableFrom(leaf))
                .map(Class::getName)
                .toList();

        assertThat(others).isEmpty();
    }

    @Test
    void optionalIsNeverAField() {
        noFields()
                .that()
                .areDeclaredInClassesThat(not(records()))
                .should()
                .haveRawType(Optional.class)
                .check(product);
    }

    private static DescribedPredicate<JavaClass> records() {
        return DescribedPredicate.describe("records", JavaClass::isRecord);
    }

    @Test
    void everyPackageForbidsNull() {
        Set<String> unmarked = product.stream()
                .filter(type -> !type.getPackage().isAnnotatedWith(NullMarked.class))
                .map(JavaClass::getPackageName)
                .collect(Collectors.toSet());

        assertThat(unmarked).isEmpty();
    }
}
