package dev.millrace.daemon.config;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Section;
import dev.millrace.daemon.config.ConfigLoader.Findings;
import dev.millrace.daemon.template.Template;
import dev.millrace.daemon.template.TemplateContext;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the mappings of the templates that a configuration names below {@code Templates}. Not thread-safe. */
final class TemplateReader {

    private final ConfigFiles files;
    private final Findings findings;
    private final MappingReader mappings;
    private final TemplateContext context;

    TemplateReader(ConfigFiles files, Findings findings, MappingReader mappings, TemplateContext context) {
        this.files = files;
        this.findings = findings;
        this.mappings = mappings;
        this.context = context;
    }

    void readAll(Section root) {
        List<ConfigNode> items = root.items("Templates");
        for (int i = 0; i < items.size(); i++) {
            String path = root.pathOf("Templates") + "[" + i + "]";
            switch (items.get(i)) {
                case ConfigNode.Scalar name -> readFile(name.text(), name.position(), path, context);
                case ConfigNode.Mapping mapping -> readEntry(new Section(path, mapping, findings.problems()));
                case ConfigNode.Sequence list ->
                    findings.problems()
                            .add(
                                    list.position(),
                                    path,
                                    "expected the name of a template file, found " + list.described());
            }
        }
    }

    private void readEntry(Section section) {
        String name = section.requiredString("File");
        TemplateContext own = new TemplateContext(
                context.region(), context.accountId(), section.stringMap("Parameters"), context.functions());
        section.rejectUnknownKeys();
        if (!name.isEmpty()) {
            readFile(name, section.positionOf("File"), section.pathOf("File"), own);
        }
    }

    private void readFile(String name, Position position, String path, TemplateContext own) {
        Path file;
        try {
            file = position.directory().resolve(name);
        } catch (InvalidPathException e) {
            findings.problems().add(position, path, "'" + name + "' is no file name: " + e.getReason());
            return;
        }
        files.read(file, position, path).ifPresent(tree -> {
            if (Template.isTemplate(tree)) {
                read(tree, own);
            } else {
                findings.problems()
                        .add(
                                position,
                                path,
                                "'" + name
                                        + "' is no template: it has no Resources; list CloudFormation and SAM"
                                        + " templates here");
            }
        });
    }

    void read(ConfigNode.Mapping tree) {
        read(tree, context);
    }

    private void read(ConfigNode.Mapping tree, TemplateContext own) {
        Template template = new Template(tree, own, findings.unresolved(), findings.problems(), findings.warnings());
        Map<String, Duration> visibility = template.visibilityTimeouts();
        for (Template.TemplateMapping found : template.mappings()) {
            Section section = new Section(found.path(), found.properties(), findings.problems());
            mappings.read(section)
                    .flatMap(mapping -> Optional.ofNullable(
                                    visibility.get(mapping.eventSourceArn().toString()))
                            .flatMap(timeout -> mappings.visibilityProblem(mapping, timeout)))
                    .ifPresent(problem -> findings.warnings().add(section.position(), section.path(), problem));
        }
    }
}
