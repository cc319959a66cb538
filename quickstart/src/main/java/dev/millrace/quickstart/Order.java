package dev.millrace.quickstart;

/**
 * One message of the quickstart.
 *
 * @param id unique over both queues
 * @param customer message group on the FIFO queue
 * @param kind what becomes of it
 */
record Order(String id, String customer, Kind kind) {

    /** What the sample function does with an order. */
    enum Kind {
        OK,
        /** Fails once. */
        FLAKY,
        /** Fails always, until the queue moves it to its dead-letter queue. */
        POISON
    }

    static final String PREFIX = "order-";

    private static final int FLAKY_EVERY = 10;
    private static final int POISON_EVERY = 25;
    private static final int CUSTOMERS = 5;

    /** The n-th order: every 25th is poison, every 10th flaky. */
    static Order number(int n) {
        Kind kind = n % POISON_EVERY == POISON_EVERY - 1
                ? Kind.POISON
                : n % FLAKY_EVERY == FLAKY_EVERY - 1 ? Kind.FLAKY : Kind.OK;
        return new Order(PREFIX + n, "customer-" + n % CUSTOMERS, kind);
    }

    String json() {
        return "{\"id\":\"" + id + "\",\"customer\":\"" + customer + "\",\"kind\":\""
                + kind.name().toLowerCase(java.util.Locale.ROOT) + "\"}";
    }
}
