package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a deployment has to know of the daemon, read from its documents. */
final class Daemon {

    private static final String CONFIGURATION = Repository.read(Repository.ROOT.resolve("docs/configuration.md"));
    private static final String OPERATION = Repository.read(Repository.ROOT.resolve("docs/operations.md"));

    /** Steps 5 and 6 of the shutdown ladder: mappings left behind, then function processes killed. */
    private static final int AFTER_THE_DEADLINE_SECONDS = 5 + 5;

    private Daemon() {}

    /** The HTTP server's port, unless configured. */
    static int port() {
        return setting("Port");
    }

    /** How long an orderly stop takes at most, unless configured. */
    static int longestStopSeconds() {
        return setting("DeadlineSeconds") + AFTER_THE_DEADLINE_SECONDS;
    }

    private static int setting(String key) {
        Matcher row = Pattern.compile("(?m)^\\| `" + key + "` \\| [^|]* \\| `(\\d+)` \\|")
                .matcher(CONFIGURATION);
        assertThat(row.find()).as(key).isTrue();
        return Integer.parseInt(row.group(1));
    }

    /** A pod that runs the daemon confined, probes what it serves, and lets it end. */
    static void assertPod(Yaml pod, int port) {
        Yaml container = pod.at("containers", 0);
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertThat(OPERATION)
                    .contains("| `" + container.at(probe, "httpGet", "path").text() + "` |");
            assertThat(container.at(probe, "httpGet", "port").text()).isEqualTo("http");
        }
        assertThat(container.at("livenessProbe", "httpGet", "path").text()).isEqualTo("/health/live");
        assertThat(container.at("ports", 0).tree().toString()).isEqualTo("{name=http, containerPort=" + port + "}");
        assertThat(pod.at("terminationGracePeriodSeconds").number()).isGreaterThan(longestStopSeconds());
        assertThat(pod.at("automountServiceAccountToken").tree()).isEqualTo(false);
        assertThat(pod.at("securityContext", "runAsNonRoot").tree()).isEqualTo(true);
        assertThat(pod.at("securityContext", "seccompProfile", "type").text()).isEqualTo("RuntimeDefault");
        assertThat(container.at("securityContext", "readOnlyRootFilesystem").tree())
                .isEqualTo(true);
        assertThat(container.at("securityContext", "allowPrivilegeEscalation").tree())
                .isEqualTo(false);
        assertThat(container.at("securityContext", "capabilities", "drop").text())
                .isEqualTo("[ALL]");
        assertThat(container.at("resources", "limits", "memory"))
                .isEqualTo(container.at("resources", "requests", "memory"));
    }
}
