package dev.millrace.invoker.lambda;

import dev.millrace.invoke.FunctionErrors;
import dev.millrace.invoke.InvocationOutcome.FunctionError;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.net.SocketTimeoutException;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.Abortable;

/**
 * Watches over the reading of answers: the SDK would read one into memory whatever its size, and report one that breaks
 * off like a connection that never was. The body of a refusal is only for its message, so it just ends early.
 */
final class AnswerBounds implements ExecutionInterceptor {

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        boolean refusal = !context.httpResponse().isSuccessful();
        return context.responseBody().map(body -> new Bounded(body, refusal, announced(context)));
    }

    private static long announced(Context.ModifyHttpResponse context) {
        String length =
                context.httpResponse().firstMatchingHeader("Content-Length").orElse("");
        // Twelve digits are a terabyte; what has more, or is no number, is found out by reading.
        return length.matches("[0-9]{1,12}") ? Long.parseLong(length) : -1;
    }

    /** An answer that began with a status of success is of no use. Carries the outcome through the SDK. */
    static final class UselessAnswerException extends IOException {

        @Serial
        private static final long serialVersionUID = 1;

        private final transient FunctionError outcome;

        UselessAnswerException(FunctionError outcome) {
            super(outcome.message());
            this.outcome = outcome;
        }

        FunctionError outcome() {
            return outcome;
        }
    }

    /** Owned by the thread that invokes. */
    private static final class Bounded extends FilterInputStream {

        private final boolean refusal;
        private final long announced;
        private long left = FunctionErrors.LARGEST_ANSWER;

        Bounded(InputStream body, boolean refusal, long announced) {
            super(body);
            this.refusal = refusal;
            this.announced = announced;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (announced > FunctionErrors.LARGEST_ANSWER) {
                return end(FunctionErrors.answerTooLarge(announced));
            }
            int read;
            try {
                read = super.read(bytes, offset, length);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                return end(new FunctionError(
                        InvokeApiRules.TRUNCATED_ANSWER, "the answer of Lambda broke off: " + e.getMessage()));
            }
            left -= Math.max(read, 0);
            return left < 0 ? end(FunctionErrors.answerTooLarge()) : read;
        }

        private int end(FunctionError outcome) throws IOException {
            // Closing the stream would read the rest; this closes the connection.
            if (in instanceof Abortable abortable) {
                abortable.abort();
            }
            if (refusal) {
                return -1;
            }
            throw new UselessAnswerException(outcome);
        }
    }
}
