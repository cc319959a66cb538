package dev.millrace.testkit.guarantee;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A message group is never in two invocations at a time, whichever live consumers they come from. */
public final class SerialPerGroup implements Guarantee {

    private static final int MOST_COMPLAINTS = 20;

    private final Map<String, Invocation> busy = new HashMap<>();
    private final Set<String> killed = new HashSet<>();
    private final List<String> broken = new ArrayList<>();

    @Override
    public void onSend(Sent message) {}

    @Override
    public void onStarted(Invocation invocation) {
        // What a killed consumer had written into its socket still arrives.
        if (killed.contains(invocation.consumer())) {
            return;
        }
        for (String group : groups(invocation)) {
            Invocation other = busy.put(group, invocation);
            if (other != null && broken.size() < MOST_COMPLAINTS) {
                broken.add("group " + group + " is in invocation " + invocation.number() + " of "
                        + invocation.consumer() + " while invocation " + other.number() + " of " + other.consumer()
                        + " runs");
            }
        }
    }

    @Override
    public void onProcessed(Invocation invocation) {
        release(invocation);
    }

    @Override
    public void onFailed(Invocation invocation) {
        release(invocation);
    }

    private void release(Invocation invocation) {
        groups(invocation).forEach(group -> busy.remove(group, invocation));
    }

    @Override
    public void onKilled(String consumer) {
        killed.add(consumer);
        busy.values().removeIf(invocation -> invocation.consumer().equals(consumer));
    }

    private static List<String> groups(Invocation invocation) {
        return invocation.messages().stream()
                .map(Sent::group)
                .filter(group -> group != null)
                .distinct()
                .toList();
    }

    @Override
    public List<String> check() {
        return List.copyOf(broken);
    }
}
