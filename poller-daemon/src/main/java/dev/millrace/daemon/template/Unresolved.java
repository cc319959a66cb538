package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import dev.millrace.config.Position;
import dev.millrace.config.Problems;
import dev.millrace.config.Problems.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * References whose value could not be worked out. An empty value takes their place so that reading goes on; what it then
 * breaks is not worth telling. Not thread-safe.
 */
public final class Unresolved {

    private final Problems problems;
    private final Set<Problem> causes = new HashSet<>();
    private final Set<Position> positions = new HashSet<>();

    public Unresolved(Problems problems) {
        this.problems = problems;
    }

    /** Adds the problem and answers the value to go on with. */
    public ConfigNode.Scalar add(Position position, String path, String message) {
        problems.add(position, path, message);
        causes.add(new Problem(position, path, message));
        positions.add(position);
        return new ConfigNode.Scalar("", position);
    }

    /** How many there are; tells whether working out a value added any. */
    public int count() {
        return causes.size();
    }

    /** The value at this place depends on one that could not be worked out. */
    public void taint(Position position) {
        positions.add(position);
    }

    /** All problems but those that stand where a reference could not be resolved. */
    public List<Problem> withoutConsequences() {
        return problems.all().stream()
                .filter(problem -> causes.contains(problem) || !positions.contains(problem.position()))
                .toList();
    }
}
