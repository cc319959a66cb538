package dev.millrace.aws.table;

import dev.millrace.aws.CallFailure;
import dev.millrace.checkpoint.StoreException;
import java.util.function.Supplier;

/**
 * Makes calls to one table, and says what a failed one means in words an operator can act upon.
 *
 * @param table its name
 * @param setting what names it in the configuration, such as {@code Store.Table}
 * @param neededRights all that nodes need, such as {@code dynamodb:GetItem, PutItem}
 */
public record TableCalls(String table, String setting, String neededRights) {

    /**
     * What the call answers.
     *
     * @param action the right that the call needs, such as {@code dynamodb:GetItem}
     * @throws InterruptedException when the call failed because its thread was interrupted; the interrupt is then used up
     */
    public <T> T make(String action, Supplier<T> call) throws StoreException, InterruptedException {
        try {
            return call.get();
        } catch (RuntimeException e) {
            throw new StoreException(
                    "the table " + table + ", " + setting + ": " + message(CallFailure.of(e, table), action) + ".", e);
        }
    }

    private String message(CallFailure failure, String action) {
        return switch (failure) {
            case CallFailure.Refused refused -> refused(refused, action);
            case CallFailure.NoCredentials none -> none.text();
            case CallFailure.TimedOut() -> "DynamoDB does not answer in time";
            case CallFailure.Unreachable(var reason) ->
                "cannot reach DynamoDB, or its answer broke off: " + reason
                        + ". Check the network and Aws.Endpoints.DynamoDb";
            case CallFailure.Broken(var reason) -> "the call failed: " + reason;
        };
    }

    private String refused(CallFailure.Refused refused, String action) {
        String answer = refused.text();
        return switch (refused.kind()) {
            case NOT_FOUND -> "it does not exist (" + answer + "). Start the daemon anew to have it made, or make it";
            case ACCESS_DENIED ->
                "DynamoDB denies access (" + answer + "). The credentials need " + action
                        + "; all that nodes need for this table: " + neededRights;
            case THROTTLED ->
                "DynamoDB asks to be called less often (" + answer
                        + "). Give the table more capacity, or bill it by request";
            case SERVER_ERROR -> "DynamoDB failed (" + answer + ")";
            case REJECTED -> "DynamoDB refused the call (" + answer + ")";
        };
    }
}
