package dev.millrace.invoker.lambda;

import dev.millrace.invoke.InvocationOutcome;
import dev.millrace.invoke.InvocationRequest;
import dev.millrace.invoke.Invoker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/** Invokes a function through Lambda's Invoke API, synchronously (spec 7.3: RequestResponse). Thread-safe. */
final class LambdaInvoker implements Invoker {

    /**
     * How much later than the function's timeout an answer may come: Lambda ends a function that takes too long and says
     * so, but its clock starts after the environment's initialisation, which may take 10 s. The rest is for the network.
     */
    static final Duration GRACE = Duration.ofSeconds(10 + 2);

    private static final String TRACE_ID = "X-Amzn-Trace-Id";

    private final LambdaSettings settings;
    private final Duration grace;
    private final LambdaConnection connection;
    private final AnswerRules rules;
    private final ClientFailureRules failures;

    private LambdaInvoker(
            LambdaSettings settings,
            Duration grace,
            LambdaConnection connection,
            AnswerRules rules,
            ClientFailureRules failures) {
        this.settings = settings;
        this.grace = grace;
        this.connection = connection;
        this.rules = rules;
        this.failures = failures;
    }

    /** Opens the invoker; neither connects nor looks for credentials. */
    static LambdaInvoker open(LambdaSettings settings, Duration grace, InstantSource clock) {
        AnswerRules api = new InvokeApiRules(settings, clock);
        AnswerRules rules = settings.emulator() ? new RuntimeEmulatorRules(settings, api) : api;
        return new LambdaInvoker(
                settings, grace, LambdaConnection.open(settings, grace), rules, new ClientFailureRules(settings));
    }

    @Override
    public InvocationOutcome invoke(InvocationRequest request) throws InterruptedException {
        stopIfInterrupted();
        try {
            InvokeResponse response = connection.client().invoke(invocation(request));
            return rules.answer(response);
        } catch (AbortedException e) {
            // How the SDK tells of an interrupt that it noticed itself.
            Thread.interrupted();
            throw interrupted(e);
        } catch (SdkException e) {
            stopIfInterrupted();
            return outcome(e, request);
        }
    }

    /**
     * Its connections: what is above them could only wait for one, while its timeout runs. A Runtime Interface Emulator
     * refuses a second invocation at a time (spec 7.4).
     */
    @Override
    public OptionalInt capacity() {
        return OptionalInt.of(settings.emulator() ? 1 : settings.maximumConnections());
    }

    private InvocationOutcome outcome(SdkException e, InvocationRequest request) {
        return switch (e) {
            case AwsServiceException refusal -> rules.refusal(refusal);
            case SdkServiceException _ -> throw new AssertionError("Lambda's exceptions are AWS's", e);
            case SdkClientException failure -> failures.outcome(failure, request);
            default -> throw e;
        };
    }

    private InvokeRequest invocation(InvocationRequest request) {
        return InvokeRequest.builder()
                .functionName(settings.functionName())
                .qualifier(settings.qualifier())
                .invocationType(InvocationType.REQUEST_RESPONSE)
                .payload(SdkBytes.fromByteArrayUnsafe(request.event().bytes()))
                .overrideConfiguration(options -> {
                    options.apiCallTimeout(request.timeout().plus(grace));
                    String trace = request.traceHeader();
                    if (trace != null) {
                        options.putHeader(TRACE_ID, trace);
                    }
                })
                .build();
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw interrupted(null);
        }
    }

    private static InterruptedException interrupted(@Nullable Throwable cause) {
        InterruptedException interrupted = new InterruptedException("interrupted while invoking a function");
        interrupted.initCause(cause);
        return interrupted;
    }

    @Override
    public void close() {
        connection.close();
    }
}
