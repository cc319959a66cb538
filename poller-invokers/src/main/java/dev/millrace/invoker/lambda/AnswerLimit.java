package dev.millrace.invoker.lambda;

import dev.millrace.invoke.InvocationOutcome.FunctionError;
import dev.millrace.invoker.FunctionErrors;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.Abortable;

/** Stops reading an answer that is above AWS's limit, which the SDK would read into memory whatever its size. */
final class AnswerLimit implements ExecutionInterceptor {

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        return context.responseBody().map(body -> new Limited(body, announced(context)));
    }

    private static long announced(Context.ModifyHttpResponse context) {
        String length = context.httpResponse().firstMatchingHeader("Content-Length").orElse("");
        // Twelve digits are a terabyte; what has more, or is no number, is found out by reading.
        return length.matches("[0-9]{1,12}") ? Long.parseLong(length) : -1;
    }

    /** The answer is above the limit. Carries the outcome through the SDK. */
    static final class ExceededException extends IOException {

        private static final long serialVersionUID = 1;

        private final transient FunctionError outcome;

        ExceededException(FunctionError outcome) {
            super(outcome.message());
            this.outcome = outcome;
        }

        FunctionError outcome() {
            return outcome;
        }
    }

    /** Owned by the thread that invokes. */
    private static final class Limited extends FilterInputStream {

        private final long announced;
        private long left = FunctionErrors.LARGEST_ANSWER;

        Limited(InputStream body, long announced) {
            super(body);
            this.announced = announced;
        }

        @Override
        public int read() throws IOException {
            stopIfAnnouncedTooLarge();
            int next = super.read();
            count(next < 0 ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            stopIfAnnouncedTooLarge();
            int read = super.read(bytes, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void stopIfAnnouncedTooLarge() throws IOException {
            if (announced > FunctionErrors.LARGEST_ANSWER) {
                abort();
                throw new ExceededException(FunctionErrors.answerTooLarge(announced));
            }
        }

        private void count(int read) throws IOException {
            left -= read;
            if (left < 0) {
                abort();
                throw new ExceededException(FunctionErrors.answerTooLarge());
            }
        }

        /** Closes the connection, since closing the stream would read the rest. */
        private void abort() {
            if (in instanceof Abortable abortable) {
                abortable.abort();
            }
        }
    }
}
