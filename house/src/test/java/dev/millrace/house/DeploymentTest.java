package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is in docker/ and deploy/ fits the daemon: it parses, metrics exist, and ports, paths and times agree with the daemon's
 * documents, which other tests hold against its code.
 */
class DeploymentTest {

    private static final Path DOCKER = Repository.ROOT.resolve("docker");
    private static final Path DEPLOY = Repository.ROOT.resolve("deploy");
    private static final Path BASE = DEPLOY.resolve("kubernetes/base");
    private static final Path CLUSTER = DEPLOY.resolve("kubernetes/overlays/cluster");
    private static final Path RULES = DEPLOY.resolve("prometheus");

    /** Of names such as {@code millrace_iterator_age_seconds_bucket} the metric itself. */
    private static final Pattern METRIC = Pattern.compile("\\bmillrace_\\w+?(?=(_bucket|_count|_sum|_max)?\\b)");

    private static final Pattern LABEL_VALUE = Pattern.compile("\\b(?:reason|kind|outcome)=\"(\\w+)\"");

    // ---- files ----

    @Test
    void everyFileParses() {
        List<Path> files = Repository.files(".yaml").stream()
                .filter(file -> file.startsWith(DOCKER) || file.startsWith(DEPLOY))
                .filter(file -> !file.startsWith(DEPLOY.resolve("helm/millrace/templates")))
                .toList();

        assertThat(files)
                .hasSizeGreaterThan(20)
                .allSatisfy(file -> assertThat(Yaml.of(file)).isNotNull());
        assertThat(Yaml.of(DEPLOY.resolve("grafana/millrace.json")).at("panels").items())
                .isNotEmpty();
    }

    @Test
    void everyImageIsPinned() {
        List<String> images = new ArrayList<>();
        for (Path compose : composeFiles()) {
            Yaml.of(compose)
                    .at("services")
                    .items()
                    .forEach(service -> service.find("image").ifPresent(image -> images.add(image.text())));
        }
        matches("(?m)^ARG \\w+_IMAGE=(\\S+)$", Repository.read(DOCKER.resolve("Dockerfile")))
                .forEach(image -> images.add(image.group(1)));

        assertThat(images)
                .filteredOn(image -> !image.startsWith("${MILLRACE_IMAGE:-"))
                .hasSizeGreaterThan(8)
                .allMatch(image -> image.matches("[a-z.]+/[\\w/-]+:v?\\d+[.]\\d+\\S*"));
    }

    @Test
    void everyMountedFileExists() {
        for (Path compose : composeFiles()) {
            for (Yaml service : Yaml.of(compose).at("services").items()) {
                service.find("volumes").map(Yaml::items).orElse(List.of()).stream()
                        .map(volume -> volume.text().replaceFirst(":.*", ""))
                        .filter(source -> source.startsWith("."))
                        .forEach(source ->
                                assertThat(DOCKER.resolve(source).normalize()).exists());
            }
        }
    }

    /** Of the modules in folders of what the image is not made of. */
    @Test
    void theImageIsBuiltFromAllModules() {
        List<String> left = Repository.read(Repository.ROOT.resolve(".dockerignore"))
                .lines()
                .toList();
        String poms = Repository.read(Repository.ROOT.resolve("pom.xml")).replaceFirst("(?s)<profiles>.*", "");
        List<String> modules = matches("<module>(.+)</module>", poms).stream()
                .map(module -> module.group(1))
                .toList();

        assertThat(modules).hasSizeGreaterThan(12).allSatisfy(module -> {
            String top = module.replaceFirst("/.*", "");
            assertThat(left).doesNotContain(module, top);
            if (left.contains(top + "/*")) {
                assertThat(left).contains("!" + module);
            }
        });
    }

    private static List<Path> composeFiles() {
        return Repository.files(".yaml").stream()
                .filter(file -> file.startsWith(DOCKER))
                .filter(file -> String.valueOf(file.getFileName()).startsWith("compose"))
                .toList();
    }

    // ---- alert rules ----

    @Test
    void rulesAndDashboardsNameOnlyMetricsAndValuesThatExist() {
        String metrics = Repository.read(Repository.ROOT.resolve("docs/metrics.md"));
        Set<String> documented = new TreeSet<>();
        matches("`(millrace_\\w+)`", metrics).forEach(name -> documented.add(name.group(1)));
        for (String text : Stream.concat(rules().map(rule -> rule.at("expr")), panels())
                .map(Yaml::text)
                .toList()) {
            METRIC.matcher(text)
                    .results()
                    .forEach(name -> assertThat(documented).contains(name.group()));
            LABEL_VALUE
                    .matcher(text)
                    .results()
                    .forEach(value -> assertThat(metrics).contains("`" + value.group(1) + "`"));
        }
    }

    private static Stream<Yaml> rules() {
        return Stream.of("alerts.yaml", "alerts-cloudwatch.yaml")
                .map(file -> Yaml.of(RULES.resolve(file)))
                .flatMap(file -> file.at("groups").items().stream())
                .flatMap(group -> group.at("rules").items().stream());
    }

    private static Stream<Yaml> panels() {
        return Yaml.of(DEPLOY.resolve("grafana/millrace.json")).at("panels").items().stream()
                .flatMap(panel -> panel.at("targets").items().stream())
                .map(target -> target.at("expr"));
    }

    @Test
    void everyAlertHasAUnitTestForPromtool() {
        Set<String> tested = new TreeSet<>();
        for (Yaml scene : Yaml.of(RULES.resolve("alerts.test.yaml")).at("tests").items()) {
            for (Yaml check : scene.at("alert_rule_test").items()) {
                if (!check.at("exp_alerts").items().isEmpty()) {
                    tested.add(check.at("alertname").text());
                }
            }
        }

        assertThat(rules().map(rule -> rule.at("alert").text())).containsExactlyInAnyOrderElementsOf(tested);
    }

    @Test
    void everyAlertSaysHowUrgentItIsAndWhatToDo() {
        assertThat(rules()).allSatisfy(rule -> {
            assertThat(rule.at("labels", "severity").text()).isIn("page", "ticket", "info");
            assertThat(rule.at("annotations", "summary").text()).isNotBlank();
            assertThat(rule.at("annotations", "description").text()).endsWith(".");
        });
    }

    @Test
    void theChartShipsTheSameRules() {
        assertThat(DEPLOY.resolve("helm/millrace/files/alerts.yaml"))
                .hasSameTextualContentAs(RULES.resolve("alerts.yaml"));
    }

    // ---- agreement with the daemon ----

    @Test
    void everyStopHasMoreTimeThanTheDaemonTakes() {
        Yaml pod = Yaml.of(BASE.resolve("statefulset.yaml")).at("spec", "template", "spec");
        Yaml compose = Yaml.of(DOCKER.resolve("compose.common.yaml")).at("services", "millrace");
        String unit = Repository.read(DEPLOY.resolve("systemd/millrace.service"));

        assertThat(pod.at("terminationGracePeriodSeconds").number()).isGreaterThan(Daemon.longestStopSeconds());
        assertThat(compose.at("stop_grace_period").text()).matches("\\d+s");
        assertThat(Integer.parseInt(compose.at("stop_grace_period").text().replace("s", "")))
                .isGreaterThan(Daemon.longestStopSeconds());
        assertThat(matches("(?m)^TimeoutStopSec=(\\d+)$", unit))
                .singleElement()
                .satisfies(
                        line -> assertThat(Integer.parseInt(line.group(1))).isGreaterThan(Daemon.longestStopSeconds()));
        assertThat(unit).contains("KillMode=mixed").contains("RestartPreventExitStatus=2");
    }

    @Test
    void everyConfigurationListensOnThePortThatIsPublished() {
        assertThat(Repository.read(DOCKER.resolve("Dockerfile"))).contains("\nEXPOSE " + Daemon.port() + "\n");
        for (Path file : List.of(
                DOCKER.resolve("millrace.yaml"),
                DOCKER.resolve("millrace.localstack.yaml"),
                BASE.resolve("millrace.yaml"),
                CLUSTER.resolve("millrace.yaml"))) {
            assertThat(Yaml.of(file).at("Api").tree().toString())
                    .as(Repository.shown(file))
                    .isEqualTo("{Host=0.0.0.0, Port=" + Daemon.port() + "}");
        }
        assertThat(Yaml.of(BASE.resolve("service.yaml"))
                        .at("spec", "ports", 0, "port")
                        .number())
                .isEqualTo(Daemon.port());
        assertThat(Repository.read(DOCKER.resolve("prometheus.yaml"))).contains("millrace:" + Daemon.port());
    }

    @Test
    void thePodIsConfinedAndProbesWhatTheDaemonServes() {
        Daemon.assertPod(Yaml.of(BASE.resolve("statefulset.yaml")).at("spec", "template", "spec"), Daemon.port());
    }

    @Test
    void theStoreHasAPlaceThatLasts() {
        String path = Yaml.of(BASE.resolve("millrace.yaml")).at("Store", "Path").text();
        Yaml mounts = Yaml.of(BASE.resolve("statefulset.yaml"))
                .at("spec", "template", "spec", "containers", 0, "volumeMounts");

        assertThat(mounts.items())
                .filteredOn(mount -> mount.at("name").text().equals("store"))
                .singleElement()
                .satisfies(mount ->
                        assertThat(path).startsWith(mount.at("mountPath").text() + "/"));
        assertThat(Repository.read(DOCKER.resolve("Dockerfile"))).contains("\nVOLUME /var/lib/millrace\n");
    }

    @Test
    void theOverlayForAClusterPatchesWhatIsThere() {
        Yaml base = Yaml.of(BASE.resolve("statefulset.yaml"));
        Yaml patch = Yaml.documents(Yaml.of(CLUSTER.resolve("kustomization.yaml"))
                        .at("patches", 0, "patch")
                        .text())
                .getFirst();
        for (Yaml change : patch.items()) {
            Object[] steps = Stream.of(change.at("path").text().substring(1).split("/", -1))
                    .map(step -> step.matches("\\d+") ? Integer.valueOf(step) : step)
                    .toArray();
            assertThat(base.find(steps).isPresent())
                    .as(change.text())
                    .isEqualTo(!change.at("op").text().equals("add"));
        }
        assertThat(patch.text()).contains("volumeMounts/1");
        assertThat(base.at("spec", "template", "spec", "containers", 0, "volumeMounts", 1, "name")
                        .text())
                .isEqualTo("store");
    }

    private static List<MatchResult> matches(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.results().toList();
    }
}
