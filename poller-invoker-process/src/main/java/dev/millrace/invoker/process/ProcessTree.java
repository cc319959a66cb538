package dev.millrace.invoker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a process with everything it has started. Children that outlive their parent are no longer its descendants; on
 * Linux they are found by the environment they inherited.
 */
final class ProcessTree {

    private static final Path PROC = Path.of("/proc");

    /** Strays may fork while being killed; more rounds than this would mean a fork bomb. */
    private static final int MAX_ROUNDS = 50;

    /** For the killed ones to vanish from {@code /proc}. */
    private static final long PAUSE_NANOS = 1_000_000;

    private ProcessTree() {}

    /** Kills the process and its descendants. Does not wait for their end. */
    static void kill(Process process) {
        // Listed first: without their parent they could not be found any more.
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    /**
     * Kills every process that has the variable in its environment. Does nothing where there is no {@code /proc}.
     *
     * @return how many were killed
     */
    static int killStrays(String variable, String value) {
        byte[] entry = (variable + "=" + value + "\0").getBytes(StandardCharsets.UTF_8);
        Set<Long> killed = new HashSet<>();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            List<ProcessHandle> strays = strays(entry);
            if (strays.isEmpty()) {
                break;
            }
            strays.forEach(stray -> {
                stray.destroyForcibly();
                killed.add(stray.pid());
            });
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return killed.size();
    }

    private static List<ProcessHandle> strays(byte[] entry) {
        List<ProcessHandle> strays = new ArrayList<>();
        if (!Files.isDirectory(PROC)) {
            return strays;
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                // The handle remembers the start time, so a pid that is reused meanwhile is not killed.
                Optional<ProcessHandle> handle = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
                if (handle.isPresent() && contains(environment(process), entry)) {
                    strays.add(handle.get());
                }
            }
        } catch (IOException | DirectoryIteratorException | NumberFormatException e) {
            return strays;
        }
        return strays;
    }

    /** Empty for processes of other users and for those that have just ended. */
    private static byte[] environment(Path process) {
        try {
            return Files.readAllBytes(process.resolve("environ"));
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private static boolean contains(byte[] environment, byte[] entry) {
        int start = 0;
        for (int i = 0; i < environment.length; i++) {
            if (environment[i] == 0) {
                if (i + 1 - start == entry.length && Arrays.equals(environment, start, i + 1, entry, 0, entry.length)) {
                    return true;
                }
                start = i + 1;
            }
        }
        return false;
    }
}
