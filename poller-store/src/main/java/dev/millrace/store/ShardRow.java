package dev.millrace.store;

import dev.millrace.checkpoint.ProgressText;
import dev.millrace.checkpoint.ShardCheckpoint;
import dev.millrace.checkpoint.ShardProgress;
import dev.millrace.checkpoint.WindowProgress;
import dev.millrace.invoke.Payload;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A shard's progress as the columns hold it. Made by the caller, so that the commit thread has only to hand it over. */
record ShardRow(
        String start,
        @Nullable String position,
        @Nullable String upTo,
        @Nullable String ahead,
        boolean finished,
        @Nullable WindowRow window) {

    /** An open window as the columns hold it. */
    record WindowRow(String start, Payload state) {}

    static ShardRow of(ShardProgress progress) {
        ShardCheckpoint checkpoint = progress.checkpoint();
        WindowProgress window = progress.window();
        return new ShardRow(
                ProgressText.of(progress.start()),
                ProgressText.of(checkpoint.position()),
                ProgressText.of(checkpoint.upTo()),
                ProgressText.of(checkpoint.ahead()),
                progress.finished(),
                window == null ? null : new WindowRow(window.start().toString(), window.state()));
    }

    /**
     * The progress.
     *
     * @throws IllegalArgumentException when a column holds something else
     * @throws java.time.DateTimeException when a time is none
     */
    ShardProgress progress() {
        return new ShardProgress(
                ProgressText.position(start),
                new ShardCheckpoint(ProgressText.number(position), ProgressText.time(upTo), ProgressText.aheads(ahead)),
                window == null ? null : new WindowProgress(Instant.parse(window.start), window.state),
                finished);
    }
}
