package dev.millrace.testkit;

import dev.millrace.invoke.Payload;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** The function of {@link InvokerContract} behind HTTP; how errors and the end are told is up to the transport. */
public final class ContractFunction implements Function<FunctionCall, FunctionAnswer> {

    /** The error that {@link InvokerContract#FAIL} asks for, as Lambda's runtimes report it. */
    public static final String ERROR = error(InvokerContract.ERROR_MESSAGE);

    /** The error that {@link InvokerContract#RANT} asks for. */
    public static final String LONG_ERROR = error("x".repeat(100_000));

    private static final int HUGE_BYTES = 10 * 1024 * 1024;

    private final Function<String, FunctionAnswer> error;
    private final FunctionAnswer empty;

    /**
     * A contract function.
     *
     * @param error how the transport reports the error that is given as JSON
     * @param empty how the transport says nothing
     */
    public ContractFunction(Function<String, FunctionAnswer> error, FunctionAnswer empty) {
        this.error = error;
        this.empty = empty;
    }

    private static String error(String message) {
        return "{\"errorMessage\":\"" + message + "\",\"errorType\":\"" + InvokerContract.ERROR_TYPE
                + "\",\"stackTrace\":[]}";
    }

    @Override
    public FunctionAnswer apply(FunctionCall call) {
        Payload event = call.body();
        String beginning = new String(event.bytes(), 0, (int) Math.min(event.size(), 30), StandardCharsets.US_ASCII);
        if (beginning.startsWith(InvokerContract.ECHO)) {
            return FunctionAnswer.ok(event);
        }
        if (beginning.startsWith(InvokerContract.EMPTY)) {
            return empty;
        }
        if (beginning.startsWith(InvokerContract.FAIL)) {
            return error.apply(ERROR);
        }
        if (beginning.startsWith(InvokerContract.RANT)) {
            return error.apply(LONG_ERROR);
        }
        if (beginning.startsWith(InvokerContract.HANG)) {
            return new FunctionAnswer.Hang();
        }
        if (beginning.startsWith(InvokerContract.HUGE)) {
            return FunctionAnswer.ok("\"" + "x".repeat(HUGE_BYTES - 2) + "\"");
        }
        if (beginning.startsWith(InvokerContract.CRASH)) {
            return new FunctionAnswer.Reset();
        }
        return FunctionAnswer.status(400, "the contract does not say what to do with " + beginning);
    }
}
