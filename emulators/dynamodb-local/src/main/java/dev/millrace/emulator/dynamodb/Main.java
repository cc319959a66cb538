package dev.millrace.emulator.dynamodb;

import java.io.PrintStream;

/**
 * The process: serves until its standard input ends, so that it never outlives the parent that holds the other end. It writes one
 * line to its standard output, {@code ready port=8000 control=8001}, and everything else to its standard error.
 */
public final class Main {

    private Main() {}

    /** Takes no arguments. */
    @SuppressWarnings("SystemOut") // The one line is for the parent.
    public static void main(String[] arguments) throws Exception {
        PrintStream parent = System.out;
        System.setOut(System.err);
        LocalServer server = LocalServer.start();
        ControlServer control = ControlServer.start(server);
        parent.println("ready port=" + server.port() + " control=" + control.port());
        parent.flush();
        while (System.in.read() >= 0) {
            // What the parent says does not matter.
        }
        // Everything is in memory: there is nothing to save, and the emulator's threads would go on.
        Runtime.getRuntime().halt(0);
    }
}
