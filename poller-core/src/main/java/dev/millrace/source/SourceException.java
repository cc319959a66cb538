package dev.millrace.source;

import java.io.Serial;

/** Thrown by a source adapter when a call failed; carries the {@link SourceProblem}. */
public final class SourceException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient SourceProblem problem;

    /**
     * A failed call.
     *
     * @param cause the client's own exception
     */
    public SourceException(SourceProblem problem, Throwable cause) {
        super(problem.message(), cause);
        this.problem = problem;
    }

    /** What went wrong, which is all that the machine hears of it. */
    public SourceProblem problem() {
        return problem;
    }
}
