package dev.millrace.invoker.process;

import static dev.millrace.invoker.process.Fixture.answer;
import static dev.millrace.invoker.process.Fixture.shell;
import static dev.millrace.invoker.process.Fixture.todo;
import static dev.millrace.testkit.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a process prints is found in the log. */
class FunctionLogTest {

    private record Line(String text, Map<String, String> context) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("function.orders");

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(new Line(event.getFormattedMessage(), event.getMDCPropertyMap()));
        }
    };

    @TempDir
    Path directory = Path.of("");

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
    }

    @Test
    void bothStreamsGoToTheLogWithFunctionAndRequestId() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            InvocationRequest request = todo("print");
            answer(invoker.invoke(request));
            until("both lines are there", () -> lines.size() >= 2);

            String id = request.requestId();
            Map<String, String> context = Map.of("function", "orders", "requestId", id);
            assertThat(lines).containsExactly(new Line("out of " + id, context), new Line("err of " + id, context));
        }
    }

    @Test
    void aLongLineIsCutAndSaysByHowMuch() throws Exception {
        try (Invoker invoker = shell(directory).open()) {
            answer(invoker.invoke(todo("print-much")));
            until("the line is there", () -> !lines.isEmpty());

            int dropped = 100_000 - FunctionLog.MAX_LINE_BYTES;
            assertThat(lines.getFirst().text())
                    .startsWith("xxx")
                    .endsWith("x... (" + dropped + " bytes more)")
                    .hasSizeLessThan(FunctionLog.MAX_LINE_BYTES + 50);
        }
    }

    @Test
    void theLastWordsOfAFailedStartAreLoggedBeforeItsOutcome() throws Exception {
        try (Invoker invoker = shell(directory).set("Handler", "init-exit").open()) {
            assertThat(invoker.invoke(todo("pid"))).isInstanceOf(InvocationOutcome.FunctionError.class);

            assertThat(lines).containsExactly(new Line("a library is missing", Map.of("function", "orders")));
        }
    }
}
