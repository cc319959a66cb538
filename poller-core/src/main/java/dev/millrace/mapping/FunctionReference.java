package dev.millrace.mapping;

import dev.millrace.config.AwsSettings;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A function as a mapping names it: {@code name}, {@code name:qualifier}, a partial ARN
 * ({@code 123456789012:function:name}) or an ARN, each with or without a qualifier (spec 1.1).
 *
 * @param text as written; kept, since AWS answers with the qualifier exactly as given, {@code $LATEST} included
 * @param arn the function's ARN without the qualifier; what the text does not say is the daemon's own region and account
 * @param name bare name, 1 to 64 characters
 * @param qualifier version, alias or {@code $LATEST}; null when unqualified
 */
public record FunctionReference(
        String text, Arn arn, String name, @Nullable String qualifier) {

    private static final Pattern FORM = Pattern.compile("(?:arn:(?<partition>aws[a-zA-Z-]*):lambda:)?"
            + "(?:(?<region>[a-z0-9-]+):(?=\\d{12}:))?"
            + "(?:(?<account>\\d{12}):)?"
            + "(?:function:)?"
            + "(?<name>[a-zA-Z0-9-_]{1,64})"
            + "(?::(?<qualifier>\\$LATEST|[a-zA-Z0-9-_]{1,128}))?");

    /** Whether the text has any of AWS's forms. */
    static boolean matches(String text) {
        return FORM.matcher(text).matches();
    }

    /**
     * Parses any of AWS's forms, or empty when the text is none of them.
     *
     * @param aws where a function is whose text does not say it
     */
    public static Optional<FunctionReference> parse(String text, AwsSettings aws) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String name = matcher.group("name");
        String region = Objects.requireNonNullElse(matcher.group("region"), aws.region());
        Arn arn = new Arn(
                Objects.requireNonNullElse(matcher.group("partition"), Arn.partition(region)),
                "lambda",
                region,
                Objects.requireNonNullElse(matcher.group("account"), aws.accountId()),
                "function:" + name);
        return Optional.of(new FunctionReference(text, arn, name, matcher.group("qualifier")));
    }

    /** The function's ARN as an invocation names it: with the qualifier when there is one. */
    public String qualifiedArn() {
        return qualifier == null ? arn.toString() : arn + ":" + qualifier;
    }

    @Override
    public String toString() {
        return qualifier == null ? name : name + ":" + qualifier;
    }
}
