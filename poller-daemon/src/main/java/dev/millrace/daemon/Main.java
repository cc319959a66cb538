package dev.millrace.daemon;

import dev.millrace.daemon.cli.MillraceCommand;

/** The program's entry: everything it can do is a command. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(MillraceCommand.commandLine().execute(arguments));
    }
}
