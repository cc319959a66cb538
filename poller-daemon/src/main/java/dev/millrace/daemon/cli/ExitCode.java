package dev.millrace.daemon.cli;

/** What the process tells its caller when it ends. */
public final class ExitCode {

    /** Everything went well. */
    public static final int OK = 0;
    /** The daemon could not start. */
    public static final int FAILURE = 1;
    /** The command line or the configuration is wrong; trying again without a change cannot help. */
    public static final int BAD_INPUT = 2;

    private ExitCode() {}
}
