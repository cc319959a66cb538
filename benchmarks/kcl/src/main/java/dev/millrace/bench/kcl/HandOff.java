package dev.millrace.bench.kcl;

import dev.millrace.bench.peer.FunctionPost;
import dev.millrace.bench.peer.KinesisEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * Posts what was read as Lambda's events of {@code batch} records, and checkpoints when all of one read is posted, as the
 * library's users do. Called by one thread at a time.
 */
final class HandOff implements ShardRecordProcessor {
    private final FunctionPost function;
    private final int batch;
    private KinesisEvent event = new KinesisEvent("");

    /** @param batch records per post */
    HandOff(FunctionPost function, int batch) {
        this.function = function;
        this.batch = batch;
    }

    @Override
    public void initialize(InitializationInput input) {
        event = new KinesisEvent(input.shardId());
    }

    @Override
    public void processRecords(ProcessRecordsInput input) {
        List<KinesisClientRecord> records = input.records();
        for (int i = 0; i < records.size(); i += batch) {
            post(records.subList(i, Math.min(i + batch, records.size())));
        }
        try {
            input.checkpointer().checkpoint();
        } catch (InvalidStateException | ShutdownException e) {
            throw new IllegalStateException("no checkpoint", e);
        }
    }

    private void post(List<KinesisClientRecord> records) {
        event.clear();
        for (KinesisClientRecord record : records) {
            byte[] data = new byte[record.data().remaining()];
            record.data().get(data);
            event.add(record.partitionKey(), record.sequenceNumber(), data, record.approximateArrivalTimestamp());
        }
        event.finish();
        try {
            function.post(event.bytes(), event.length());
        } catch (IOException e) {
            throw new UncheckedIOException("the function cannot be reached", e);
        }
    }

    @Override
    public void leaseLost(LeaseLostInput input) {
        throw new IllegalStateException("a single worker keeps its leases");
    }

    @Override
    public void shardEnded(ShardEndedInput input) {
        throw new IllegalStateException("the canned stream's shards never end");
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {
        // The process is killed at the end of a run.
    }
}
