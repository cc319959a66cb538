package dev.millrace.aws.stream;

import dev.millrace.aws.CallFailure;
import dev.millrace.aws.ServicePlace;
import dev.millrace.mapping.Arn;
import dev.millrace.source.SourceException;
import dev.millrace.source.SourceProblem;
import dev.millrace.source.SourceProblem.Kind;
import java.util.Set;

/** Says what a failed call to a stream means: which kind of problem, in words an operator can act upon. Immutable. */
public final class StreamFailures {

    // One list for all services, since no code means two things.

    private static final Set<String> EXPIRED = Set.of("ExpiredIteratorException", "ExpiredNextTokenException");

    private static final Set<String> THROTTLED = Set.of("KMSThrottlingException", "LimitExceededException");

    private static final Set<String> KEY_UNUSABLE = Set.of(
            "KMSAccessDeniedException",
            "KMSDisabledException",
            "KMSInvalidStateException",
            "KMSNotFoundException",
            "KMSOptInRequired");

    private static final String NOT_READY = "ResourceInUseException";

    private static final String TRIMMED = "TrimmedDataAccessException";

    /**
     * What differs between services.
     *
     * @param neededRights all that a mapping needs, such as {@code kinesis:ListShards, kinesis:GetRecords}
     * @param limits what the service's limits are and what gives more, as one or more sentences without the last stop
     * @param retention what can be done about the retention, after {@code They are older than the stream's retention}
     */
    public record Words(String neededRights, String limits, String retention) {}

    private final Arn source;
    private final ServicePlace place;
    private final Words words;

    /** Speaks of one stream, named as the mapping names it. */
    public StreamFailures(Arn source, ServicePlace place, Words words) {
        this.source = source;
        this.place = place;
        this.words = words;
    }

    /**
     * The exception that tells what went wrong.
     *
     * @param action the right that the call needs, such as {@code kinesis:GetRecords}
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    public SourceException of(Throwable e, String action) throws InterruptedException {
        return new SourceException(problem(CallFailure.of(e, source.toString()), action), e);
    }

    /** The exception that tells this of the stream, such as {@code it is gone}. */
    public SourceException of(Kind kind, String what, Throwable cause) {
        return new SourceException(problem(kind, what), cause);
    }

    /** The exception that tells this of the stream where nothing else has failed. */
    public SourceException of(Kind kind, String what) {
        SourceProblem problem = problem(kind, what);
        return new SourceException(problem, new IllegalStateException(problem.message()));
    }

    /**
     * The problem of reading on from a position that is older than what the stream still has.
     *
     * @param answer what the service said
     */
    public SourceException trimmed(String answer, Throwable cause) {
        return of(Kind.TRIMMED, trimmed(answer), cause);
    }

    /**
     * The problem of a place that the service does not know any more.
     *
     * @param answer what the service said
     */
    public SourceException expired(String answer, Throwable cause) {
        return of(Kind.EXPIRED_ITERATOR, expired(answer), cause);
    }

    private SourceProblem problem(CallFailure failure, String action) {
        return switch (failure) {
            case CallFailure.Refused refused -> refused(refused, action);
            case CallFailure.NoCredentials(var temporary, var text) ->
                problem(temporary ? Kind.UNAVAILABLE : Kind.ACCESS_DENIED, text);
            case CallFailure.TimedOut() ->
                problem(Kind.UNAVAILABLE, place + " does not answer in time. It will be tried again");
            case CallFailure.Unreachable(var reason) ->
                problem(
                        Kind.UNAVAILABLE,
                        "cannot reach " + place + ", or its answer broke off: " + reason
                                + ". Check that it is up and that the network lets the daemon there"
                                + "; it will be tried again");
            case CallFailure.Broken(var reason) -> problem(Kind.REJECTED, "the call failed: " + reason);
        };
    }

    private SourceProblem refused(CallFailure.Refused refused, String action) {
        String answer = refused.text();
        if (EXPIRED.contains(refused.code())) {
            return problem(Kind.EXPIRED_ITERATOR, expired(answer));
        }
        if (TRIMMED.equals(refused.code())) {
            return problem(Kind.TRIMMED, trimmed(answer));
        }
        if (THROTTLED.contains(refused.code())) {
            return throttled(answer);
        }
        if (KEY_UNUSABLE.contains(refused.code())) {
            return problem(
                    Kind.ACCESS_DENIED,
                    "the stream's encryption key cannot be used (" + answer
                            + "). The credentials need kms:Decrypt, and the key must be enabled");
        }
        if (NOT_READY.equals(refused.code())) {
            return problem(Kind.UNAVAILABLE, "it is not ready (" + answer + "). It will be tried again");
        }
        return switch (refused.kind()) {
            case NOT_FOUND ->
                problem(
                        Kind.NOT_FOUND,
                        "it does not exist at " + place + ", or these credentials may not see it (" + answer
                                + "). Create it, or correct EventSourceArn or the endpoint");
            case THROTTLED -> throttled(answer);
            case ACCESS_DENIED ->
                problem(
                        Kind.ACCESS_DENIED,
                        place + " denies access (" + answer + "). The credentials need " + action
                                + "; all that a mapping of this source needs: " + words.neededRights());
            case SERVER_ERROR -> problem(Kind.UNAVAILABLE, place + " failed (" + answer + "). It will be tried again");
            case REJECTED -> problem(Kind.REJECTED, place + " refused the call (" + answer + ")");
        };
    }

    private static String expired(String answer) {
        return "it was not read for too long (" + answer + "). It is read anew";
    }

    private String trimmed(String answer) {
        return place + " no longer has the records that follow the stored position (" + answer
                + "). They are older than the stream's retention" + words.retention();
    }

    private SourceProblem throttled(String answer) {
        return problem(
                Kind.THROTTLED,
                place + " asks to be called less often (" + answer + "). It will be obeyed. " + words.limits());
    }

    private SourceProblem problem(Kind kind, String what) {
        return new SourceProblem(kind, source + ": " + what + ".");
    }
}
