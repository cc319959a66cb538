package sample;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers as the event asks it to. AWS's runtime finds the method by name. */
public final class OrderHandler {

    public OrderHandler() {
        if (System.getenv("FAIL_IN_CONSTRUCTOR") != null) {
            throw new IllegalStateException("the constructor failed");
        }
    }

    public Map<String, Object> handle(Map<String, Object> event) {
        String todo = String.valueOf(event.get("do"));
        return switch (todo) {
            case "throw" -> throw new IllegalArgumentException("no such order");
            case "exit" -> {
                Runtime.getRuntime().halt(3);
                yield Map.of();
            }
            case "hang" -> {
                await();
                yield Map.of();
            }
            case "answer-too-much" -> Map.of("answer", "x".repeat(7_000_000));
            case "batch" -> Map.of("batchItemFailures", List.of(Map.of("itemIdentifier", "2")));
            default -> answer(event);
        };
    }

    private static Map<String, Object> answer(Map<String, Object> event) {
        System.out.println("handling " + event.get("id"));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", event.get("id"));
        answer.put("pid", ProcessHandle.current().pid());
        answer.put("trace", System.getProperty("com.amazonaws.xray.traceHeader"));
        return answer;
    }

    private static void await() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
