package dev.millrace.invoker;

/** What the innermost cause of a failure says, which is the one that says something. */
public final class InnermostMessage {

    /** Bound on the causes looked at, since a chain of causes can be made circular. */
    private static final int DEEPEST_CAUSE = 20;

    private InnermostMessage() {}

    /** The message of the innermost cause that has one; the name of the failure's class when none has. */
    public static String of(Throwable failure) {
        String text = failure.getMessage();
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            text = cause.getMessage() == null ? text : cause.getMessage();
            cause = cause.getCause();
        }
        return text == null ? failure.getClass().getSimpleName() : text;
    }
}
