package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Files work on every machine: nothing in them names the one they were written on, nor where its downloads come from. */
class ProjectFilesTest {

    /** Home folders, and the folders of build machines. */
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.$}~/:-])/(home|Users|root|work|workspace|builds)/[\\w.-]+");

    /** Package registries, which the clients' own configuration names. */
    private static final Pattern REGISTRY = Pattern.compile(
            "(repo1?\\.maven\\.(apache\\.)?org|repo\\.maven\\.apache|registry\\.(npmjs|yarnpkg)|pypi\\.(org|python)"
                    + "|[\\w.-]*(artifactory|nexus)[\\w-]*\\.[a-z]{2,}|\"resolved\": *\"http)");

    @Test
    void noFileNamesAMachineOrARegistry() {
        List<String> findings = new ArrayList<>();
        for (Path file : Repository.files("")) {
            Optional<String> text = isThisTest(file) ? Optional.empty() : Repository.readText(file);
            text.ifPresent(content -> find(file, content, findings));
        }
        assertThat(findings).isEmpty();
    }

    private static boolean isThisTest(Path file) {
        return file.endsWith(ProjectFilesTest.class.getSimpleName() + ".java");
    }

    private static void find(Path file, String content, List<String> findings) {
        String[] lines = content.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (MACHINE_PATH.matcher(lines[i]).find()
                    || REGISTRY.matcher(lines[i]).find()) {
                findings.add(Repository.shown(file) + ":" + (i + 1) + ": " + lines[i].strip());
            }
        }
    }

    @Test
    void everyTextFileEndsItsLinesAsUnixDoes() {
        List<String> findings = new ArrayList<>();
        for (Path file : Repository.files("")) {
            Repository.readText(file)
                    .filter(content -> content.contains("\r\n"))
                    .ifPresent(_ -> {
                        findings.add(Repository.shown(file));
                    });
        }
        assertThat(findings).isEmpty();
    }
}
