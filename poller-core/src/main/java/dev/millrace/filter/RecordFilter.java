package dev.millrace.filter;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.filter.FilterPattern.DataFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.MachineComplexityEvaluator;

/**
 * The filter criteria of one mapping, compiled once and asked per record (spec 6). A record passes when any pattern
 * matches; without patterns every record passes and nothing is parsed. Immutable and thread-safe.
 *
 * <p>AWS's own engine, event-ruler, does the matching, and this is the only class that knows it. Where it differs from
 * AWS's text it wins, since AWS runs it too: numbers in exact rules compare by value, so {@code 300} matches
 * {@code 300.0} and {@code 3.0e2}. A rule's string that is an IP address also matches other spellings of that address.
 */
public final class RecordFilter {

    /** Passes everything. */
    public static final RecordFilter NONE = new RecordFilter(DataKey.BODY, Set.of(), null, null);

    /** Most wildcard rules that one value may be in the middle of at a time; matching costs that much per byte. */
    private static final int MAXIMUM_WILDCARD_COMPLEXITY = 100;

    private static final JsonMapper MEMBERS = new JsonMapper();

    private static final JsonMapper DOCUMENTS = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final DataKey dataKey;
    private final Set<String> names;
    private final @Nullable Machine forJson;
    private final @Nullable Machine forPlain;

    private RecordFilter(DataKey dataKey, Set<String> names, @Nullable Machine forJson, @Nullable Machine forPlain) {
        this.dataKey = dataKey;
        this.names = Set.copyOf(names);
        this.forJson = forJson;
        this.forPlain = forPlain;
    }

    /**
     * Why a pattern cannot be used, for people; empty when {@link #compile} takes it.
     *
     * @param operators which operators may be used
     */
    public static Optional<String> reason(String pattern, DataKey dataKey, FilterOperators operators) {
        try {
            compiled(List.of(pattern), dataKey, operators);
            return Optional.empty();
        } catch (InvalidPatternException e) {
            return Optional.of(e.reason());
        }
    }

    /**
     * Compiles the patterns of one mapping.
     *
     * @throws IllegalArgumentException when one of them cannot be used; the message has its {@link #reason}
     */
    public static RecordFilter compile(List<String> patterns, DataKey dataKey, FilterOperators operators) {
        if (patterns.isEmpty()) {
            return NONE;
        }
        try {
            return compiled(patterns, dataKey, operators);
        } catch (InvalidPatternException e) {
            throw new IllegalArgumentException("unusable filter pattern: " + e.reason(), e);
        }
    }

    private static RecordFilter compiled(List<String> patterns, DataKey dataKey, FilterOperators operators)
            throws InvalidPatternException {
        Compilation compilation = new Compilation();
        for (String pattern : patterns) {
            compilation.add(FilterPattern.parse(pattern, dataKey, operators));
        }
        return compilation.finish(dataKey);
    }

    /**
     * Whether the record passes.
     *
     * @param recordJson the record as it stands in the event, UTF-8; only the members that patterns name are looked at
     */
    public boolean matches(byte[] recordJson) {
        if (forJson == null || forPlain == null) {
            return true;
        }
        View view = new View();
        try (JsonParser parser = MEMBERS.createParser(recordJson)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("a record is a JSON object");
            }
            read(parser, view);
        } catch (IOException e) {
            throw new UncheckedIOException("a record is JSON", e);
        }
        Machine machine = view.format == DataFormat.JSON ? forJson : forPlain;
        return !machine.rulesForJSONEvent(view.record).isEmpty();
    }

    private void read(JsonParser parser, View view) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT && dataKey.isContainer(name)) {
                read(parser, view);
            } else if (!names.contains(name)) {
                parser.skipChildren();
            } else if (name.equals(dataKey.member())) {
                readData(parser, view);
            } else {
                view.record.set(name, MEMBERS.<JsonNode>readTree(parser));
            }
        }
    }

    private void readData(JsonParser parser, View view) throws IOException {
        Optional<JsonNode> json = switch (dataKey) {
            case BODY -> document(parser.getText());
            case DATA -> document(parser.getBinaryValue());
            case DYNAMODB -> Optional.of(MEMBERS.<JsonNode>readTree(parser));
        };
        if (json.isPresent()) {
            view.record.set(dataKey.member(), json.get());
        } else {
            view.format = DataFormat.PLAIN;
            if (dataKey.plainAllowed()) {
                view.record.put(dataKey.member(), parser.getText());
            }
        }
    }

    /** Text that is an object or an array; a single value is plain text, since no pattern can be an object there. */
    private static Optional<JsonNode> document(String text) {
        String stripped = text.stripLeading();
        if (!stripped.startsWith("{") && !stripped.startsWith("[")) {
            return Optional.empty();
        }
        try {
            return Optional.of(DOCUMENTS.readTree(stripped));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Optional<JsonNode> document(byte[] bytes) {
        try {
            JsonNode tree = DOCUMENTS.readTree(bytes);
            return tree.isContainerNode() ? Optional.of(tree) : Optional.empty();
        } catch (IOException e) {
            // Reading from memory fails only when the bytes are no JSON.
            return Optional.empty();
        }
    }

    /** What the patterns see of one record. */
    private static final class View {
        private final ObjectNode record = MEMBERS.createObjectNode();
        private DataFormat format = DataFormat.JSON;
    }

    /** Patterns on their way into the engine: one machine for each format that a record's data can have. */
    private static final class Compilation {

        private final Set<String> names = new HashSet<>();
        private final Machine forJson = machine();
        private final Machine forPlain = machine();
        private int rules;

        private static Machine machine() {
            // As in EventBridge, naming one path twice is an error; the engine's own default drops the first condition.
            return Machine.builder().withOverridesForDuplicateRules(false).build();
        }

        void add(FilterPattern pattern) throws InvalidPatternException {
            names.addAll(pattern.topLevelNames());
            addRule(forJson, pattern.matching(DataFormat.JSON));
            addRule(forPlain, pattern.matching(DataFormat.PLAIN));
        }

        private void addRule(Machine machine, Optional<String> rule) throws InvalidPatternException {
            if (rule.isEmpty()) {
                return;
            }
            try {
                machine.addRule(String.valueOf(rules++), rule.get());
            } catch (JsonProcessingException e) {
                throw new InvalidPatternException(e.getOriginalMessage());
            } catch (IOException | RuntimeException e) {
                // The engine reports bad arguments, such as a malformed CIDR, by several unchecked exceptions.
                throw new InvalidPatternException(String.valueOf(e.getMessage()));
            }
        }

        RecordFilter finish(DataKey dataKey) throws InvalidPatternException {
            for (Machine machine : List.of(forJson, forPlain)) {
                if (machine.evaluateComplexity(new MachineComplexityEvaluator(MAXIMUM_WILDCARD_COMPLEXITY))
                        >= MAXIMUM_WILDCARD_COMPLEXITY) {
                    throw new InvalidPatternException("its wildcards overlap too much to be matched in bounded time");
                }
            }
            return new RecordFilter(dataKey, names, forJson, forPlain);
        }
    }
}
