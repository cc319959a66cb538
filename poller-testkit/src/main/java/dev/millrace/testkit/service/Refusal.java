package dev.millrace.testkit.service;

/** A service refuses a request. */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String explanation;

    /**
     * @param status HTTP status
     * @param code as the answer's {@code __type} has it
     */
    public Refusal(int status, String code, String explanation) {
        super(code + ": " + explanation);
        this.status = status;
        this.code = code;
        this.explanation = explanation;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** What the answer's {@code message} says. */
    public String explanation() {
        return explanation;
    }

    public static Refusal invalidArgument(String message) {
        return new Refusal(400, "InvalidArgumentException", message);
    }

    public static Refusal validation(String message) {
        return new Refusal(400, "ValidationException", message);
    }

    public static Refusal notFound(String message) {
        return new Refusal(400, "ResourceNotFoundException", message);
    }

    public static Refusal inUse(String message) {
        return new Refusal(400, "ResourceInUseException", message);
    }

    public static Refusal limitExceeded(String message) {
        return new Refusal(400, "LimitExceededException", message);
    }

    public static Refusal throughputExceeded(String message) {
        return new Refusal(400, "ProvisionedThroughputExceededException", message);
    }
}
