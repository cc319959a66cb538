package dev.millrace.testkit.guarantee;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Each message group is processed in the order of sending: whenever a message reaches the function, all messages sent to its
 * group before it have been processed, or are before it in the same batch. Repetitions after a crash are allowed.
 */
public final class PerGroupOrder implements Guarantee {

    private static final int MOST_COMPLAINTS = 20;

    private static final class Group {
        private final Map<String, Integer> positions = new HashMap<>();
        /** Messages processed from the beginning of the group without a gap. */
        private int processed;
    }

    private final Map<String, Group> groups = new HashMap<>();
    private final List<String> broken = new ArrayList<>();

    @Override
    public void onSend(Sent message) {
        if (message.group() != null) {
            Group group = groups.computeIfAbsent(message.group(), _ -> new Group());
            group.positions.put(message.id(), group.positions.size());
        }
    }

    @Override
    public void onStarted(Invocation invocation) {
        Map<String, Integer> reached = new HashMap<>();
        for (Sent message : invocation.messages()) {
            Group group = message.group() == null ? null : groups.get(message.group());
            Integer position = group == null ? null : group.positions.get(message.id());
            if (group == null || position == null || message.group() == null) {
                continue;
            }
            int next = reached.getOrDefault(message.group(), group.processed);
            if (position > next) {
                complain(message.id() + " of group " + message.group() + " reached the function before "
                        + (position - next) + " earlier message(s), in invocation " + invocation.number());
            }
            reached.put(message.group(), Math.max(next, position + 1));
        }
    }

    @Override
    public void onProcessed(Invocation invocation) {
        for (Sent message : invocation.messages()) {
            Group group = message.group() == null ? null : groups.get(message.group());
            Integer position = group == null ? null : group.positions.get(message.id());
            if (group != null && position != null) {
                group.processed = Math.max(group.processed, position + 1);
            }
        }
    }

    private void complain(String what) {
        if (broken.size() < MOST_COMPLAINTS) {
            broken.add(what);
        }
    }

    @Override
    public List<String> check() {
        return List.copyOf(broken);
    }
}
