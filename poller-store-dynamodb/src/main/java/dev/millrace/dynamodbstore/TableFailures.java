package dev.millrace.dynamodbstore;

import dev.millrace.aws.CallFailure;

/** Says what a failed call to the store's table means, in words an operator can act upon. */
final class TableFailures {

    private TableFailures() {}

    /**
     * The message.
     *
     * @param table its name
     * @param action the right that the call needs
     */
    static String message(CallFailure failure, String table, String action) {
        return "the table " + table + ", Store.Table: "
                + switch (failure) {
                    case CallFailure.Refused refused -> refused(refused, action);
                    case CallFailure.NoCredentials none -> none.text() + ".";
                    case CallFailure.TimedOut() -> "DynamoDB does not answer in time. It will be tried again.";
                    case CallFailure.Unreachable(var reason) ->
                        "cannot reach DynamoDB, or its answer broke off: " + reason
                                + ". Check the network and Aws.Endpoints.DynamoDb; it will be tried again.";
                    case CallFailure.Broken(var reason) -> "the call failed: " + reason + ".";
                };
    }

    private static String refused(CallFailure.Refused refused, String action) {
        String answer = refused.text();
        return switch (refused.kind()) {
            case NOT_FOUND -> "it does not exist (" + answer + "). Start the daemon anew to have it made, or make it.";
            case ACCESS_DENIED ->
                "DynamoDB denies access (" + answer + "). The credentials need " + action
                        + "; all that the store needs: dynamodb:DescribeTable, CreateTable, UpdateTimeToLive, GetItem,"
                        + " PutItem, UpdateItem, DeleteItem, Query, BatchWriteItem.";
            case THROTTLED ->
                "DynamoDB asks to be called less often (" + answer
                        + "). It will be obeyed; give the table more capacity, or bill it by request.";
            case SERVER_ERROR -> "DynamoDB failed (" + answer + "). It will be tried again.";
            case REJECTED -> "DynamoDB refused the call (" + answer + ").";
        };
    }
}
