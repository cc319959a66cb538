package dev.millrace.destination.file;

import dev.millrace.config.AwsSettings;
import dev.millrace.failure.Destination;
import dev.millrace.failure.DestinationProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Opens files as destinations; several mappings may name the same one. Thread-safe. */
public final class FileDestinationProvider implements DestinationProvider {

    private final Map<Path, FileWriter> writers = new ConcurrentHashMap<>();

    @Override
    public boolean serves(String destination) {
        return FileName.isOne(destination);
    }

    @Override
    public Optional<String> problem(String destination) {
        return FileName.problem(destination);
    }

    /** The event always goes along. */
    @Override
    public Destination open(String destination, boolean includePayload, AwsSettings aws) {
        Path file = FileName.of(destination);
        return new FileDestination(
                file, writers.computeIfAbsent(file, path -> FileWriter.start(new JsonLinesFile(path))));
    }

    @Override
    public void close() {
        writers.values().forEach(FileWriter::close);
        writers.clear();
    }
}
