package dev.millrace.daemon.run;

import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import dev.millrace.daemon.config.Plugins;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import dev.millrace.invoke.InvokerProvider;
import dev.millrace.mapping.Arn;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.source.QueueAttributes;
import dev.millrace.source.QueueMessage;
import dev.millrace.source.QueueSource;
import dev.millrace.source.QueueSourceProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Plug-ins that note what is opened and closed, and refuse to open what is called {@code broken}. Queues called
 * {@code defective} break their contract.
 */
final class RecordedParts {

    static final String BROKEN = "broken";
    static final String DEFECTIVE = "defective";

    private final List<String> record = new ArrayList<>();
    private boolean mended;
    private final MemoryDefinitions definitions = new MemoryDefinitions();

    Plugins plugins() {
        return new Plugins(
                List.of(new Functions()),
                List.of(new Queues()),
                List.of(),
                Stream.concat(
                                Plugins.installed().stores().stream().filter(store -> !store.isShared()),
                                Stream.of(definitions))
                        .toList(),
                () -> Optional.of(new OneNodeAmongMany()));
    }

    /** What nodes share in mode {@code Kcl}. */
    MemoryDefinitions definitions() {
        return definitions;
    }

    /** Everything so far, oldest first, such as {@code open function f:1}. */
    synchronized List<String> record() {
        return List.copyOf(record);
    }

    private synchronized void note(String what) {
        record.add(what);
    }

    /** From here on there is room for everything. */
    synchronized void mended() {
        mended = true;
    }

    private synchronized void open(String kind, String name) {
        if (name.contains(BROKEN) && !mended) {
            throw new IllegalStateException("there is no room for it");
        }
        note("open " + kind + " " + name);
    }

    /** The invoker type {@code Noted}. */
    private final class Functions implements InvokerProvider {
        @Override
        public String type() {
            return "Noted";
        }

        @Override
        public InvokerFactory configure(FunctionSettings function, Section section) {
            String name = function.name() + ":" + section.string("As", function.version());
            return () -> {
                open("function", name);
                return new NotedInvoker(name);
            };
        }
    }

    private final class NotedInvoker implements Invoker {
        private final String name;

        NotedInvoker(String name) {
            this.name = name;
        }

        @Override
        public InvocationOutcome invoke(InvocationRequest request) {
            throw new UnsupportedOperationException("the queue is empty");
        }

        @Override
        public void close() {
            note("close function " + name);
        }
    }

    private final class Queues implements QueueSourceProvider {
        @Override
        public boolean serves(Arn arn) {
            return true;
        }

        @Override
        public QueueSource open(EventSourceMapping mapping, AwsSettings aws) {
            String name = mapping.eventSourceArn().resource();
            RecordedParts.this.open("queue", name);
            return new EmptyQueue(name);
        }

        @Override
        public void close() {
            note("close provider");
        }
    }

    private final class EmptyQueue implements QueueSource {
        private final String name;

        EmptyQueue(String name) {
            this.name = name;
        }

        @Override
        public QueueAttributes describe() {
            if (name.contains(DEFECTIVE)) {
                throw new IllegalStateException("a defect");
            }
            return new QueueAttributes(Duration.ofSeconds(30));
        }

        @Override
        public List<QueueMessage> receive(int maximum, Duration waitTime) {
            return List.of();
        }

        @Override
        public Map<String, EntryFailure> delete(List<QueueMessage> messages) {
            return Map.of();
        }

        @Override
        public Map<String, EntryFailure> changeVisibility(List<VisibilityChange> changes) {
            return Map.of();
        }

        @Override
        public void close() {
            note("close queue " + name);
        }
    }
}
