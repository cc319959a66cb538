package dev.millrace.quickstart;

/**
 * One record of the quickstart's stream.
 *
 * @param number from 0; records of a visitor are sent in this order
 */
record Click(int number) implements KeyOrder.Numbered {

    static final String PREFIX = "click-";

    private static final int POISON_EVERY = 25;
    private static final int VISITORS = 7;

    /** The record that an id belongs to. */
    static Click of(String id) {
        return new Click(Integer.parseInt(id.substring(PREFIX.length())));
    }

    String id() {
        return PREFIX + number;
    }

    /** The visitor, which is the partition key. */
    @Override
    public String key() {
        return "visitor-" + number % VISITORS;
    }

    /** Whether the function fails every batch with it. */
    boolean poison() {
        return number % POISON_EVERY == POISON_EVERY - 1;
    }

    String json() {
        return "{\"id\":\"" + id() + "\",\"visitor\":\"" + key() + "\",\"kind\":\"" + (poison() ? "poison" : "ok")
                + "\"}";
    }
}
