package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The Helm chart, rendered by Helm itself, in both modes; left out where Helm's library does not exist for the machine. */
@EnabledIf("helmIsHere")
class ChartTest {

    private static final Helm CHART = new Helm(Repository.ROOT.resolve("deploy/helm/millrace"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    static boolean helmIsHere() {
        return Helm.class.getResource("/META-INF/services/com.marcnuri.helm.jni.NativeLibrary") != null;
    }

    @Test
    void lintFindsNothing() {
        assertThat(CHART.lint().strict().call().isFailed()).isFalse();
    }

    @Test
    void oneDaemonHasAVolumeForItsStore() {
        List<Yaml> manifests = render(chart -> chart.set("podDisruptionBudget.enabled", true));

        assertThat(kinds(manifests)).containsExactlyInAnyOrder("ConfigMap", "Service", "ServiceAccount", "StatefulSet");
        Yaml daemon = only(manifests, "StatefulSet").at("spec");
        assertThat(daemon.at("replicas").number()).isOne();
        assertThat(daemon.at("volumeClaimTemplates", 0, "metadata", "name").text())
                .isEqualTo("store");
        assertThat(configuration(manifests).at("Store", "Path").text()).startsWith("/var/lib/millrace/");
        assertThat(configuration(manifests).find("Coordination")).isEmpty();
        Daemon.assertPod(daemon.at("template", "spec"), Daemon.port());
    }

    @Test
    void aClusterSharesStreamsWithoutAVolume() {
        List<Yaml> manifests =
                render(chart -> chart.set("coordination.mode", "Kcl").set("replicas", 4));

        assertThat(kinds(manifests))
                .containsExactlyInAnyOrder(
                        "ConfigMap", "Deployment", "PodDisruptionBudget", "Service", "ServiceAccount");
        Yaml daemons = only(manifests, "Deployment").at("spec");
        assertThat(daemons.at("replicas").number()).isEqualTo(4);
        assertThat(names(daemons.at("template", "spec", "volumes"))).doesNotContain("store");
        assertThat(daemons.at("template", "spec", "topologySpreadConstraints").items())
                .hasSize(2);
        assertThat(configuration(manifests).at("Coordination", "Mode").text()).isEqualTo("Kcl");
        assertThat(configuration(manifests).find("Store")).isEmpty();
        Daemon.assertPod(daemons.at("template", "spec"), Daemon.port());
    }

    @Test
    void portAndGracePeriodFollowTheConfiguration() {
        List<Yaml> manifests =
                render(chart -> chart.set("config.Api.Port", 9100).set("config.Shutdown.DeadlineSeconds", 600));

        Yaml pod = only(manifests, "StatefulSet").at("spec", "template", "spec");
        Daemon.assertPod(pod, 9100);
        assertThat(pod.at("terminationGracePeriodSeconds").number()).isEqualTo(620);
        assertThat(only(manifests, "Service").at("spec", "ports", 0, "port").number())
                .isEqualTo(9100);
    }

    @Test
    void aChangedConfigurationRollsOut() {
        assertThat(checksum(render(chart -> chart))).isEqualTo(checksum(render(chart -> chart)));
        assertThat(checksum(render(chart -> chart.set("config.Region", "eu-west-1"))))
                .isNotEqualTo(checksum(render(chart -> chart)));
    }

    private static String checksum(List<Yaml> manifests) {
        return only(manifests, "StatefulSet")
                .at("spec", "template", "metadata", "annotations", "checksum/config")
                .text();
    }

    @Test
    void everythingElseIsWhereItBelongs() throws IOException {
        Path values = Files.writeString(directory.resolve("values.yaml"), """
            image: {repository: example.com/millrace, digest: "sha256:%s"}
            serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/millrace"}}
            env: [{name: A, value: b}]
            envFrom: [{secretRef: {name: millrace}}]
            javaOptions: -Xlog:gc
            secretFiles: tokens
            extraVolumes: [{name: ca, configMap: {name: ca}}]
            extraVolumeMounts: [{name: ca, mountPath: /etc/ca}]
            networkPolicy: {enabled: true}
            serviceMonitor: {enabled: true, labels: {release: prometheus}}
            prometheusRule: {enabled: true}
            """.formatted("0123456789abcdef".repeat(4)));
        List<Yaml> manifests = render(chart -> chart.withValuesFile(values));

        Yaml pod = only(manifests, "StatefulSet").at("spec", "template", "spec");
        Yaml container = pod.at("containers", 0);
        Daemon.assertPod(pod, Daemon.port());
        assertThat(container.at("image").text()).startsWith("example.com/millrace@sha256:0123");
        assertThat(container.at("env").text())
                .isEqualTo("[{name=JDK_JAVA_OPTIONS, value=-Xlog:gc}, {name=A, value=b}]");
        assertThat(container.at("envFrom", 0, "secretRef", "name").text()).isEqualTo("millrace");
        Stream<String> volumes = Stream.concat(Stream.of("store"), names(pod.at("volumes")));
        assertThat(names(container.at("volumeMounts")))
                .containsExactlyInAnyOrderElementsOf(volumes.toList())
                .contains("secrets", "ca");
        assertThat(only(manifests, "ServiceAccount")
                        .at("metadata", "annotations")
                        .text())
                .contains("role/millrace");
        assertThat(only(manifests, "ServiceMonitor")
                        .at("spec", "endpoints", 0, "path")
                        .text())
                .isEqualTo("/metrics");
        assertThat(only(manifests, "PrometheusRule").at("spec"))
                .isEqualTo(Yaml.of(Repository.ROOT.resolve("deploy/prometheus/alerts.yaml")));
        assertThat(only(manifests, "NetworkPolicy").at("spec", "policyTypes").text())
                .isEqualTo("[Ingress, Egress]");
    }

    @Test
    void valuesThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> render(chart -> chart.set("coordination.mode", "Kafka")))
                .hasMessageContaining("/coordination/mode");
        assertThatThrownBy(() -> render(chart -> chart.set("config.Api.Host", "127.0.0.1")))
                .hasMessageContaining("/config/Api/Host");
        assertThatThrownBy(() -> render(chart -> chart.set("terminationGraceExtraSeconds", 5)))
                .hasMessageContaining("/terminationGraceExtraSeconds");
        assertThatThrownBy(() -> render(chart -> chart.set("replica", 2))).hasMessageContaining("replica");
        assertThatThrownBy(() -> render(chart -> chart.set("config.Coordination.Mode", "Kcl")))
                .hasMessageContaining("config.Coordination.Mode is Kcl");
    }

    private static List<Yaml> render(UnaryOperator<TemplateCommand> values) {
        TemplateCommand command =
                CHART.template().withName("mill").withNamespace("queues").withKubeVersion("1.31.0");
        return Yaml.documents(values.apply(command).call());
    }

    private static Stream<String> names(Yaml list) {
        return list.items().stream().map(item -> item.at("name").text());
    }

    private static List<String> kinds(List<Yaml> manifests) {
        return manifests.stream().map(manifest -> manifest.at("kind").text()).toList();
    }

    private static Yaml only(List<Yaml> manifests, String kind) {
        List<Yaml> found = manifests.stream()
                .filter(manifest -> manifest.at("kind").text().equals(kind))
                .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.getFirst();
    }

    private static Yaml configuration(List<Yaml> manifests) {
        return Yaml.documents(
                        only(manifests, "ConfigMap").at("data", "millrace.yaml").text())
                .getFirst();
    }
}
