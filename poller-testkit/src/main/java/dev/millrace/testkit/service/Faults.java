package dev.millrace.testkit.service;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with the calls to a server of ours, and when: {@code faults.at(GET_RECORDS).onShard(id).next(throttled())}.
 * Of several rules for the same call the one that was set first strikes. A rule concerns calls that begin after it was set.
 * Thread-safe.
 */
public final class Faults {

    private static final int WITHOUT_END = -1;

    // Guarded by this.
    private final List<Rule> rules = new ArrayList<>();

    /**
     * Calls of this operation.
     *
     * @param operation {@link Calls#EVERYTHING} or the name of one
     */
    public Target at(String operation) {
        return new Target(operation, null, null, 0);
    }

    /** Nothing goes wrong any more. */
    public synchronized void heal() {
        rules.clear();
    }

    /** Tells what goes wrong with a call that begins. */
    synchronized @Nullable Fault strike(Calls.Call call) {
        for (Iterator<Rule> all = rules.iterator(); all.hasNext(); ) {
            Rule rule = all.next();
            if (rule.strikes(call)) {
                if (rule.isSpent()) {
                    all.remove();
                }
                return rule.fault;
            }
        }
        return null;
    }

    private synchronized void add(Rule rule) {
        rules.add(rule);
    }

    /** The calls that a fault is meant for. */
    public final class Target {

        private final String operation;
        private final @Nullable String stream;
        private final @Nullable String shardId;
        private final int spared;

        private Target(String operation, @Nullable String stream, @Nullable String shardId, int spared) {
            this.operation = operation;
            this.stream = stream;
            this.shardId = shardId;
            this.spared = spared;
        }

        public Target onStream(String name) {
            return new Target(operation, name, shardId, spared);
        }

        public Target onShard(String id) {
            return new Target(operation, stream, id, spared);
        }

        /** Spares the first of these calls. */
        public Target after(int calls) {
            return new Target(operation, stream, shardId, calls);
        }

        /** The next calls suffer one of these faults each, in order. */
        public void next(Fault... faults) {
            for (Fault fault : faults) {
                add(new Rule(this, fault, 1, null, 1));
            }
        }

        public void times(int count, Fault fault) {
            add(new Rule(this, fault, count, null, 1));
        }

        public void always(Fault fault) {
            add(new Rule(this, fault, WITHOUT_END, null, 1));
        }

        /**
         * Each call suffers the fault by chance.
         *
         * @param probability 0 to 1
         * @param seed the same seed strikes the same calls when they come in the same order
         */
        public void sometimes(double probability, long seed, Fault fault) {
            add(new Rule(this, fault, WITHOUT_END, new Random(seed), probability));
        }

        private boolean concerns(Calls.Call call) {
            return (operation.equals(Calls.EVERYTHING) || operation.equals(call.operation()))
                    && (stream == null || stream.equals(call.stream()))
                    && (shardId == null || shardId.equals(call.shardId()));
        }
    }

    /** Guarded by the faults. */
    private static final class Rule {

        private final Target target;
        private final Fault fault;
        private final @Nullable Random chance;
        private final double probability;
        private int spared;
        private int left;

        Rule(Target target, Fault fault, int count, @Nullable Random chance, double probability) {
            requireFits(target.operation, fault);
            this.target = target;
            this.fault = fault;
            this.left = count;
            this.chance = chance;
            this.probability = probability;
            this.spared = target.spared;
        }

        private static void requireFits(String operation, Fault fault) {
            String only = switch (fault) {
                case Fault.EmptyRead _ -> Calls.GET_RECORDS;
                case Fault.SubscriptionCut _, Fault.SubscriptionFailed _ -> Calls.SUBSCRIBE;
                case Fault.Refused _,
                        Fault.Disconnected _,
                        Fault.AnswerLost _,
                        Fault.AnswerCut _,
                        Fault.Stalled _,
                        Fault.Delayed _,
                        Fault.Held _,
                        Fault.Meanwhile _ -> operation;
            };
            if (!only.equals(operation)) {
                throw new IllegalArgumentException(fault + " cannot happen to " + operation);
            }
        }

        boolean strikes(Calls.Call call) {
            if (!target.concerns(call)) {
                return false;
            }
            if (spared > 0) {
                spared--;
                return false;
            }
            if (chance != null && chance.nextDouble() >= probability) {
                return false;
            }
            if (left > 0) {
                left--;
            }
            return true;
        }

        boolean isSpent() {
            return left == 0;
        }
    }
}
