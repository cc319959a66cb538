package dev.millrace.runner;

import dev.millrace.checkpoint.SavePace;
import dev.millrace.failure.Destination;
import dev.millrace.function.FunctionGate;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.StreamSource;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What the runners of a stream mapping's shards share. Source, function and destination stay their opener's to close.
 *
 * @param destination null when discards are told to nobody
 * @param savePace the store's
 */
public record StreamParts(
        EventSourceMapping mapping,
        StreamSource source,
        FunctionGate function,
        @Nullable Destination destination,
        SavePace savePace,
        StreamObserver observer,
        InstantSource clock) {}
