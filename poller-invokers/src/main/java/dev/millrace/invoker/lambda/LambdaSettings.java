package dev.millrace.invoker.lambda;

import dev.millrace.aws.Access;
import dev.millrace.aws.ServicePlace;
import dev.millrace.config.AwsOverride;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSection;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.Section;
import dev.millrace.invoke.FunctionSettings;
import dev.millrace.mapping.FunctionReference;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Lambda} section of a function.
 *
 * @param place where the API is, and as whom it is called
 * @param functionName name, partial ARN or ARN, without a qualifier
 * @param qualifier version or alias, or null
 * @param emulator whether a Runtime Interface Emulator is at the endpoint
 * @param maximumConnections the most connections at once; an invocation beyond waits for a free one
 * @param timeout of the function, as Millrace knows it
 */
record LambdaSettings(
        ServicePlace place,
        String functionName,
        @Nullable String qualifier,
        boolean emulator,
        int maximumConnections,
        Duration timeout) {

    /** The path of the Runtime Interface Emulator is fixed (spec 7.4). */
    private static final String EMULATED = "function";

    private static final String SERVICE = "Lambda";
    private static final String FUNCTION_NAME = "FunctionName";
    private static final String QUALIFIER = "Qualifier";
    private static final String ENDPOINT = "Endpoint";
    private static final String EMULATOR = "RuntimeInterfaceEmulator";

    private static final int DEFAULT_CONNECTIONS = 2_000;
    private static final int MOST_CONNECTIONS = 60_000;

    private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z0-9]+)+");
    private static final Pattern QUALIFIER_FORM = Pattern.compile("\\$LATEST|[a-zA-Z0-9-_]{1,128}");

    /** Reads the section; empty when its problems leave nothing to open. */
    static Optional<LambdaSettings> read(FunctionSettings function, Section section) {
        int problemsBefore = section.problems().all().size();
        boolean emulator = section.bool(EMULATOR, false);
        AwsSettings aws = aws(function.aws(), section);
        URI endpoint = section.httpUrl(ENDPOINT).orElse(aws.endpoint(SERVICE));
        int connections = section.integer("MaximumConnections", 1, MOST_CONNECTIONS, DEFAULT_CONNECTIONS);
        Optional<FunctionReference> reference = reference(function, aws, section);
        Optional<String> qualifier = qualifier(function, section, reference);
        Optional<String> region = section.string("Region").map(String::strip);
        if (region.isPresent() && !REGION.matcher(region.get()).matches()) {
            section.problem("Region", "'" + region.get() + "' is not the name of an AWS region");
        }
        if (emulator) {
            checkEmulator(section, endpoint);
        }
        section.rejectUnknownKeys();
        if (reference.isEmpty() || section.problems().all().size() > problemsBefore) {
            return Optional.empty();
        }
        return Optional.of(new LambdaSettings(
                new ServicePlace(SERVICE, region.orElse(reference.get().arn().region()), endpoint, Access.of(aws)),
                emulator ? EMULATED : unqualified(reference.get()),
                emulator ? null : qualifier.orElse(null),
                emulator,
                connections,
                function.timeout()));
    }

    /** The daemon's settings with the function's own credentials, and with the region of functions that name none. */
    private static AwsSettings aws(AwsSettings daemon, Section section) {
        CredentialSettings own = CredentialSection.read(section);
        return daemon.with(new AwsOverride(own, null, Map.of(), null)).inRegion(daemon.regionOf(SERVICE));
    }

    private static Optional<FunctionReference> reference(FunctionSettings function, AwsSettings aws, Section section) {
        String name = section.string(FUNCTION_NAME).map(String::strip).orElse(function.name());
        Optional<FunctionReference> reference = FunctionReference.parse(name, aws);
        if (reference.isEmpty()) {
            section.problem(FUNCTION_NAME, "'" + name + "' is neither a function's name nor its ARN");
        }
        return reference;
    }

    /**
     * The qualifier of the section or of its function name. A section that names no function speaks of the one of the same
     * name, and of the same version.
     */
    private static Optional<String> qualifier(
            FunctionSettings function, Section section, Optional<FunctionReference> reference) {
        Optional<String> own = section.string(QUALIFIER).map(String::strip);
        if (own.isPresent() && !QUALIFIER_FORM.matcher(own.get()).matches()) {
            section.problem(QUALIFIER, "'" + own.get() + "' is neither a version nor an alias");
        }
        Optional<String> ofName = reference.map(FunctionReference::qualifier);
        if (own.isPresent() && ofName.isPresent() && !own.equals(ofName)) {
            section.problem(QUALIFIER, "is not the qualifier in FunctionName, '" + ofName.get() + "'; remove one");
        }
        if (own.isPresent() || ofName.isPresent()) {
            return own.or(() -> ofName);
        }
        boolean sameVersion = !section.has(FUNCTION_NAME) && !function.version().equals(FunctionSettings.LATEST);
        return sameVersion ? Optional.of(function.version()) : Optional.empty();
    }

    private static void checkEmulator(Section section, @Nullable URI endpoint) {
        if (endpoint == null) {
            section.problem(EMULATOR, "needs the emulator's Endpoint, such as http://127.0.0.1:8080");
        }
        if (section.has(FUNCTION_NAME)) {
            section.problem(FUNCTION_NAME, "has no meaning for a " + EMULATOR + ", which runs one function");
        }
        if (section.has("Credentials")) {
            section.problem("Credentials", "has no meaning for a " + EMULATOR + ", which asks for none");
        }
        if (section.has(QUALIFIER)) {
            section.problem(QUALIFIER, "has no meaning for a " + EMULATOR + ", which runs one version");
        }
    }

    private static String unqualified(FunctionReference reference) {
        String qualifier = reference.qualifier();
        String text = reference.text();
        return qualifier == null ? text : text.substring(0, text.length() - qualifier.length() - 1);
    }

    /** The function for messages: with its qualifier, and where it was looked for. */
    String described() {
        return "function " + functionName + (qualifier == null ? "" : ":" + qualifier) + " "
                + (place.endpoint() == null ? "in " + place.region() : "at " + place.endpoint());
    }
}
