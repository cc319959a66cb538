package dev.millrace.daemon.shared;

import dev.millrace.checkpoint.MappingDefinitions.Change;
import dev.millrace.checkpoint.MappingDefinitions.Definition;
import dev.millrace.config.CredentialSettings;
import dev.millrace.daemon.config.MappingTexts;
import dev.millrace.mapping.EventSourceMapping;
import dev.millrace.mapping.MappingProblem;
import dev.millrace.mapping.MappingRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What putting mappings into the store means.
 *
 * @param steps one for each mapping, in their order
 * @param refusals why nothing may be written: conflicts with what is stored and would stay, secrets that others could read there
 */
public record PutPlan(List<Step> steps, List<String> refusals) {

    /** What becomes of a mapping in the store. */
    public enum Kind {
        ADDED,
        CHANGED,
        LEFT
    }

    /**
     * One mapping.
     *
     * @param change what is to be written; of one that is left it is not
     */
    public record Step(Kind kind, EventSourceMapping mapping, Change change) {}

    public PutPlan {
        steps = List.copyOf(steps);
        refusals = List.copyOf(refusals);
    }

    /**
     * Compares.
     *
     * @param wanted without conflicts among themselves
     * @param stored all that the store has
     */
    public static PutPlan of(List<EventSourceMapping> wanted, List<ReadDefinition> stored, Instant now) {
        Map<UUID, Definition> before = new HashMap<>();
        stored.forEach(one -> before.put(one.definition().mapping(), one.definition()));
        List<EventSourceMapping> staying = stored.stream()
                .flatMap(one -> mapping(one).stream())
                .filter(one ->
                        wanted.stream().noneMatch(mapping -> mapping.uuid().equals(one.uuid())))
                .toList();
        List<Step> steps = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (EventSourceMapping mapping : wanted) {
            MappingRules.conflict(mapping, staying).map(MappingProblem::message).ifPresent(refusals::add);
            secret(mapping).ifPresent(refusals::add);
            steps.add(step(mapping, Optional.ofNullable(before.get(mapping.uuid())), now));
        }
        return new PutPlan(steps, refusals);
    }

    private static Optional<EventSourceMapping> mapping(ReadDefinition definition) {
        return switch (definition) {
            case ReadDefinition.Usable(var _, var mapping) -> Optional.of(mapping);
            case ReadDefinition.Overridden(var _, var mapping, var _) -> Optional.of(mapping);
            case ReadDefinition.Wrong _ -> Optional.empty();
        };
    }

    /** Who may read the table, or show its mappings, must not get another account's keys with them. */
    private static Optional<String> secret(EventSourceMapping mapping) {
        return mapping.options().aws().credentials().base() instanceof CredentialSettings.AccessKeys
                ? Optional.of("Millrace.Aws.Credentials of " + mapping.eventSourceArn()
                        + " holds a secret key, which everybody could read who may read the table; name a Profile,"
                        + " WebIdentity or AssumeRole")
                : Optional.empty();
    }

    private static Step step(EventSourceMapping mapping, Optional<Definition> before, Instant now) {
        String json = MappingTexts.write(mapping);
        Kind kind = before.map(one -> one.json().equals(json) ? Kind.LEFT : Kind.CHANGED)
                .orElse(Kind.ADDED);
        return new Step(kind, mapping, new Change(new Definition(mapping.uuid(), json, now), before.orElse(null)));
    }

    /** What is to be written. */
    public List<Change> changes() {
        return steps.stream()
                .filter(step -> step.kind() != Kind.LEFT)
                .map(Step::change)
                .toList();
    }

    /** How many of these there are. */
    public long count(Kind kind) {
        return steps.stream().filter(step -> step.kind() == kind).count();
    }
}
