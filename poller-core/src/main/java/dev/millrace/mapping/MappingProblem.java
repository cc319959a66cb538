package dev.millrace.mapping;

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
        return "1 validation error detected: Value '" + shown(value) + "' at '" + messageName
                + "' failed to satisfy constraint: " + constraint;
    }

    /** The value as a message may hold it. */
    static String shown(Object value) {
        String text = value.toString();
        return text.length() <= MAXIMUM_SHOWN ? text : text.substring(0, MAXIMUM_SHOWN) + "...";
    }

    /** A required member is absent. */
    static MappingProblem missing(MappingMember<?> member) {
        return invalid(
                member.awsName(),
                "1 validation error detected: Value null at '" + member.messageName()
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

    /** The mapping names a function that is not configured (spec 1.4). */
    public static MappingProblem functionMissing() {
        return invalid(MappingMember.FUNCTION_NAME.awsName(), "Function does not exist");
    }
}
