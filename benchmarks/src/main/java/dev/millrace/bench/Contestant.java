package dev.millrace.bench;

import java.io.IOException;
import java.util.List;

/** One peer with everything that its runs have in common. */
public interface Contestant {

    /** How tables call it. */
    String name();

    /** Fresh servers for one run; the caller closes them. */
    Stage open(int round) throws IOException;

    /** How to start the peer on this stage. The process that starts must become the peer itself: it is measured. */
    List<String> command(Stage stage) throws IOException;
}
