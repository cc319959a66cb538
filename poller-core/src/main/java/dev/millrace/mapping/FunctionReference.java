package dev.millrace.mapping;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A function as a mapping names it: {@code name}, {@code name:qualifier}, a partial ARN
 * ({@code 123456789012:function:name}) or an ARN, each with or without a qualifier (spec 1.1).
 *
 * @param text as written; kept, since AWS answers with the qualifier exactly as given, {@code $LATEST} included
 * @param name bare name, 1 to 64 characters
 * @param qualifier version, alias or {@code $LATEST}; null when unqualified
 * @param region of the ARN, or null when the text has none
 * @param accountId of the ARN or partial ARN, or null when the text has none
 */
public record FunctionReference(
        String text,
        String name,
        @Nullable String qualifier,
        @Nullable String region,
        @Nullable String accountId) {

    private static final Pattern FORM = Pattern.compile("(?:arn:(?<partition>aws[a-zA-Z-]*):lambda:)?"
            + "(?:(?<region>[a-z0-9-]+):(?=\\d{12}:))?"
            + "(?:(?<account>\\d{12}):)?"
            + "(?:function:)?"
            + "(?<name>[a-zA-Z0-9-_]{1,64})"
            + "(?::(?<qualifier>\\$LATEST|[a-zA-Z0-9-_]{1,128}))?");

    /** Parses any of AWS's forms, or empty when the text is none of them. */
    public static Optional<FunctionReference> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new FunctionReference(
                text,
                matcher.group("name"),
                matcher.group("qualifier"),
                matcher.group("region"),
                matcher.group("account")));
    }

    /** The function's ARN, with the qualifier when there is one. */
    public String arn(String defaultRegion, String defaultAccountId) {
        return "arn:aws:lambda:" + (region == null ? defaultRegion : region) + ":"
                + (accountId == null ? defaultAccountId : accountId) + ":function:" + name
                + (qualifier == null ? "" : ":" + qualifier);
    }

    @Override
    public String toString() {
        return qualifier == null ? name : name + ":" + qualifier;
    }
}
