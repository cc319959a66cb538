package dev.millrace.destination.aws;

import dev.millrace.aws.CallFailure;
import dev.millrace.aws.ServicePlace;
import dev.millrace.failure.DestinationException;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says what a failed call to a destination means, in words an operator can act upon. Immutable.
 *
 * <p>Only what is wrong with the record itself is permanent. A queue that does not exist may be created, and rights may be
 * given: such records are worth another try.
 *
 * @param destination ARN
 * @param place where it was looked for
 * @param thing what it is, such as {@code queue}
 * @param rights what the credentials need
 */
record DeliveryFailures(String destination, ServicePlace place, String thing, String rights) {

    /** Codes that are about what the message or object holds. */
    private static final Set<String> ABOUT_THE_RECORD = Set.of(
            "EntityTooLarge",
            "InvalidMessageContents",
            "InvalidParameterValue",
            "InvalidParameterValueException",
            "MaxMessageLengthExceeded");

    /** SNS says "Message too long" under a code that other parameters have as well. */
    private static final Pattern TOO_LARGE =
            Pattern.compile("too (long|large)|must be shorter", Pattern.CASE_INSENSITIVE);

    private static final int CONTENT_TOO_LARGE = 413;

    /**
     * The exception that tells what went wrong.
     *
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    DestinationException of(SdkException e) throws InterruptedException {
        return switch (CallFailure.of(e, destination)) {
            case CallFailure.Refused refused -> refused(refused, e);
            case CallFailure.NoCredentials none -> temporary(none.text() + ". What they need: " + rights, e);
            case CallFailure.TimedOut() -> temporary(place + " does not answer in time", e);
            case CallFailure.Unreachable(var reason) ->
                temporary(
                        "cannot reach " + place + ": " + reason
                                + ". Check that it is up and that the network lets the daemon there",
                        e);
            case CallFailure.Broken(var reason) -> temporary("the call failed: " + reason, e);
        };
    }

    private DestinationException refused(CallFailure.Refused refused, SdkException e) {
        String answer = " (" + refused.text() + ")";
        return switch (refused.kind()) {
            case NOT_FOUND ->
                temporary(
                        "the " + thing + " does not exist at " + place + ", or these credentials may not see it"
                                + answer + ". Create it, or correct the destination or the endpoint",
                        e);
            case ACCESS_DENIED -> temporary(place + " denies access" + answer + ". The credentials need " + rights, e);
            case THROTTLED -> temporary(place + " asks to be called less often" + answer, e);
            case SERVER_ERROR -> temporary(place + " failed" + answer, e);
            case REJECTED -> isAboutTheRecord(refused) ? permanent(answer, e) : rejected(answer, e);
        };
    }

    private static boolean isAboutTheRecord(CallFailure.Refused refused) {
        return refused.status() == CONTENT_TOO_LARGE
                || ABOUT_THE_RECORD.contains(refused.code())
                || TOO_LARGE.matcher(refused.text()).find();
    }

    private DestinationException rejected(String answer, SdkException e) {
        return temporary(place + " refused the call" + answer + ". Check the destination and the endpoint", e);
    }

    private DestinationException permanent(String answer, SdkException e) {
        return new DestinationException(
                destination + ": " + place + " does not take this record" + answer
                        + ". Trying again cannot help: it is too large for the " + thing + ", or not allowed in it.",
                true,
                e);
    }

    private DestinationException temporary(String what, SdkException e) {
        return new DestinationException(destination + ": " + what + ".", false, e);
    }
}
