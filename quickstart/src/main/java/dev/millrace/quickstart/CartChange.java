package dev.millrace.quickstart;

import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * One change of the quickstart's table: an item of a cart, put in place of the one before.
 *
 * @param number from 0; changes of a cart are made in this order
 */
record CartChange(int number) implements KeyOrder.Numbered {

    static final String PREFIX = "change-";

    /** The table's partition key. */
    static final String KEY = "cart";

    /** The attribute with the change's id. */
    static final String ID = "change";

    /** One after the other, so many changes are of different carts. */
    static final int CARTS = 25;

    /** The change that an id belongs to. */
    static CartChange of(String id) {
        return new CartChange(Integer.parseInt(id.substring(PREFIX.length())));
    }

    String id() {
        return PREFIX + number;
    }

    @Override
    public String key() {
        return "cart-" + number % CARTS;
    }

    Map<String, AttributeValue> item() {
        return Map.of(
                KEY,
                AttributeValue.fromS(key()),
                ID,
                AttributeValue.fromS(id()),
                "articles",
                AttributeValue.fromN(String.valueOf(number / CARTS)));
    }
}
