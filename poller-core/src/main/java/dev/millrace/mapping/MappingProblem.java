package dev.millrace.mapping;

import java.util.Map;

/**
 * Why a mapping request is refused.
 *
 * @param httpStatus the status AWS's API answers with
 * @param code AWS's error code, such as {@code InvalidParameterValueException}
 * @param member path of the offending member, such as {@code ScalingConfig.MaximumConcurrency}
 * @param message AWS's message where one is on record (spec 1.4), else ours in the same style
 */
public record MappingProblem(int httpStatus, String code, String member, String message) {

    static final String INVALID_PARAMETER = "InvalidParameterValueException";
    static final String VALIDATION = "ValidationException";
    private static final String CONFLICT = "ResourceConflictException";

    /** How AWS begins the messages of its service model, and all it says of a source that it does not know. */
    private static final String CONSTRAINT = "1 validation error detected: Value ";

    private static final String UNRECOGNIZED = "Unrecognized event source.";

    /** What to write, for members whose constraint does not tell people. */
    private static final Map<String, String> REMEDIES = Map.of(
            "EventSourceArn",
            "Write the ARN of a queue or stream, such as arn:aws:sqs:us-east-1:000000000000:orders (not its name or"
                    + " URL)",
            "FunctionName",
            "Write a name below Functions, such as orders-fn or orders-fn:prod",
            "StartingPosition",
            "Write TRIM_HORIZON for the oldest records there are, or LATEST for new ones only",
            "UUID",
            "Leave it out to have one made from source and function");

    /** More of a wrong value than this helps nobody. */
    private static final int MAXIMUM_SHOWN = 300;

    /** A rule about members and their combination is broken. */
    static MappingProblem invalid(String member, String message) {
        return new MappingProblem(400, INVALID_PARAMETER, member, message);
    }

    /** A limit of AWS's service model is broken; AWS words these alike for every member. */
    static MappingProblem constraint(String member, Object value, String messageName, String constraint) {
        return new MappingProblem(400, VALIDATION, member, constraintMessage(value, messageName, constraint));
    }

    static String constraintMessage(Object value, String messageName, String constraint) {
        return CONSTRAINT + "'" + shown(value) + "' at '" + messageName + "' failed to satisfy constraint: "
                + constraint;
    }

    /** The value as a message may hold it. */
    static String shown(Object value) {
        String text = value.toString();
        return text.length() <= MAXIMUM_SHOWN ? text : text.substring(0, MAXIMUM_SHOWN) + "...";
    }

    /** The message, and what to write instead where AWS only names a constraint. */
    public String explained() {
        boolean terse = message.startsWith(CONSTRAINT) || message.equals(UNRECOGNIZED);
        String remedy = REMEDIES.get(member);
        return terse && remedy != null ? message + (message.endsWith(".") ? " " : ". ") + remedy : message;
    }

    /** No source is named at all. */
    static MappingProblem noSource() {
        return invalid(MappingMember.EVENT_SOURCE_ARN.awsName(), UNRECOGNIZED);
    }

    /** The source is of a kind that no mapping has. */
    static MappingProblem unknownSource(String arn) {
        return invalid(
                MappingMember.EVENT_SOURCE_ARN.awsName(),
                UNRECOGNIZED + " Expected the ARN of an SQS queue, a Kinesis stream or stream consumer, or a DynamoDB"
                        + " stream; found: " + shown(arn));
    }

    /**
     * The source is of a kind that mappings have, but its ARN is not as those of this kind.
     *
     * @param form what they are like, as sentences
     */
    static MappingProblem misnamedSource(String arn, String form) {
        return invalid(MappingMember.EVENT_SOURCE_ARN.awsName(), UNRECOGNIZED + " " + form + " Found: " + shown(arn));
    }

    /** A required member is absent. */
    static MappingProblem missing(MappingMember<?> member) {
        return invalid(
                member.awsName(),
                CONSTRAINT + "null at '" + member.messageName()
                        + "' failed to satisfy constraint: Member must not be null.");
    }

    /** Another mapping is in the way. */
    static MappingProblem conflict(MappingMember<?> member, String message) {
        return new MappingProblem(409, CONFLICT, member.awsName(), message);
    }

    /** The member does not belong to this kind of source. */
    static MappingProblem unsupported(String member) {
        String name = member.substring(member.lastIndexOf('.') + 1);
        return invalid(member, "Unsupported " + name + " parameter for given event source mapping type.");
    }

    /** The mapping's on-failure destination cannot be used. */
    public static MappingProblem destination(String message) {
        return invalid(StreamRules.DESTINATION, message);
    }

    /** The mapping names a function that is not configured (spec 1.4). */
    public static MappingProblem functionMissing() {
        return invalid(MappingMember.FUNCTION_NAME.awsName(), "Function does not exist");
    }
}
