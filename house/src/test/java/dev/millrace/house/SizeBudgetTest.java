package dev.millrace.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Classes, methods, constructors and packages stay small. Prints what is above the targets, fails above the limits. */
class SizeBudgetTest {

    /** What is measured, in code lines, parameters or types. */
    private enum Budget {
        CLASS(300, 500, "code lines"),
        METHOD(40, 70, "code lines"),
        CONSTRUCTOR(6, 8, "parameters"),
        PACKAGE(15, 25, "types");

        private final int target;
        private final int limit;
        private final String unit;

        Budget(int target, int limit, String unit) {
            this.target = target;
            this.limit = limit;
            this.unit = unit;
        }
    }

    private record Size(Budget budget, int value, String place) {
        boolean isOverTarget() {
            return value > budget.target;
        }

        boolean isOverLimit() {
            return value > budget.limit;
        }

        @Override
        public String toString() {
            return budget + " of " + value + " " + budget.unit + " (target " + budget.target + ", limit " + budget.limit
                    + "): " + place;
        }
    }

    /** Records with more components than a constructor may have parameters, each with its reason. */
    private static final Map<String, String> WIDE_RECORDS = Map.of(
            "DaemonConfig", "one component for each section of the configuration",
            "ShardPolicy", "everything that a mapping and its store mean for a shard, read by name",
            "EventSourceMapping", "one component for each group of members that AWS gives a mapping",
            "Faults", "one probability for each fault of the simulation",
            "Run", "the figures of one benchmark run, read by name",
            "QueueSnapshot", "everything operators see of a machine, read by name",
            "ShardSnapshot", "everything operators see of a machine, read by name",
            "LaneSnapshot", "everything operators see of a lane, read by name",
            "Scenario", "everything that is drawn for one simulated run",
            "ShardScenario", "everything that is drawn for one simulated run");

    @Test
    void nothingIsLargerThanItsBudget() {
        List<Size> sizes = sizes();
        sizes.stream().filter(Size::isOverTarget).forEach(size -> System.out.println("above target: " + size));

        assertThat(sizes).filteredOn(Size::isOverLimit).isEmpty();
    }

    @Test
    void everyExemptRecordExistsAndNeedsItsExemption() {
        Sizes sizes = new Sizes();
        JavaSource.all().forEach(sizes::measure);

        assertThat(sizes.wideRecords.stream().distinct()).containsExactlyInAnyOrderElementsOf(WIDE_RECORDS.keySet());
    }

    private static List<Size> sizes() {
        Sizes sizes = new Sizes();
        JavaSource.all().forEach(sizes::measure);
        sizes.types.forEach((folder, types) -> sizes.found.add(new Size(Budget.PACKAGE, types, folder)));
        return sizes.found;
    }

    /** Measures one source after the other. */
    private static final class Sizes extends TreeScanner<@Nullable Void, JavaSource> {

        private final List<Size> found = new ArrayList<>();
        private final Map<String, Integer> types = new TreeMap<>();
        private final List<String> wideRecords = new ArrayList<>();

        void measure(JavaSource source) {
            for (Tree type : source.unit().getTypeDecls()) {
                found.add(new Size(Budget.CLASS, source.codeLines(type), source.place(type)));
                types.merge(source.path().substring(0, source.path().lastIndexOf('/')), 1, Integer::sum);
            }
            scan(source.unit(), source);
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, JavaSource source) {
            String name = type.getSimpleName().toString();
            int components = type.getKind() == Tree.Kind.RECORD ? components(type) : 0;
            if (components > Budget.CONSTRUCTOR.limit) {
                wideRecords.add(name);
            }
            if (!WIDE_RECORDS.containsKey(name)) {
                found.add(new Size(Budget.CONSTRUCTOR, components, source.place(type)));
                measureConstructors(type, source);
            }
            return super.visitClass(type, source);
        }

        private void measureConstructors(ClassTree type, JavaSource source) {
            for (Tree member : type.getMembers()) {
                if (member instanceof MethodTree method && method.getReturnType() == null) {
                    int parameters = method.getParameters().size();
                    found.add(new Size(Budget.CONSTRUCTOR, parameters, source.place(method)));
                }
            }
        }

        /** The components of a record, which the parser keeps as fields that are not static. */
        private static int components(ClassTree type) {
            return (int) type.getMembers().stream()
                    .filter(member -> member instanceof VariableTree field
                            && Collections.disjoint(field.getModifiers().getFlags(), Set.of(Modifier.STATIC)))
                    .count();
        }

        /** A method is as long as its body: a table in its annotations is data. */
        @Override
        public @Nullable Void visitMethod(MethodTree method, JavaSource source) {
            if (method.getBody() != null) {
                found.add(new Size(Budget.METHOD, source.codeLines(method.getBody()), source.place(method)));
            }
            return super.visitMethod(method, source);
        }
    }
}
