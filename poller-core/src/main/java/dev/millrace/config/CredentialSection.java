package dev.millrace.config;

import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.Base;
import dev.millrace.config.CredentialSettings.Profile;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import dev.millrace.config.CredentialSettings.WebIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a section {@code Credentials}. Limits and characters are those of STS's API. */
public final class CredentialSection {

    private static final String PROFILE = "Profile";
    private static final String WEB_IDENTITY = "WebIdentity";
    private static final String ACCESS_KEY_ID = "AccessKeyId";
    private static final String SECRET_ACCESS_KEY = "SecretAccessKey";
    private static final String SESSION_TOKEN = "SessionToken";
    private static final String ASSUME_ROLE = "AssumeRole";
    private static final String ROLE_ARN = "RoleArn";
    private static final String SESSION_NAME = "SessionName";
    private static final String DURATION = "DurationSeconds";

    private static final Pattern ROLE = Pattern.compile("arn:[a-z0-9-]+:iam::[0-9]{12}:role/[\\x21-\\x7E]{1,576}");
    private static final Pattern EXTERNAL_ID = Pattern.compile("[A-Za-z0-9_+=,.@:/-]{2,1224}");
    private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9_+=,.@-]{2,64}");

    private static final Duration SHORTEST = Duration.ofMinutes(15);
    private static final Duration LONGEST = Duration.ofHours(12);
    /** STS's default; and its limit for a role that is assumed with a role's credentials. */
    private static final Duration HOUR = Duration.ofHours(1);

    private final Section section;

    private CredentialSection(Section section) {
        this.section = section;
    }

    /** The section {@code Credentials} below this one. */
    public static CredentialSettings read(Section parent) {
        return parent.section("Credentials")
                .map(section -> {
                    CredentialSettings read = new CredentialSection(section).read();
                    section.rejectUnknownKeys();
                    return read;
                })
                .orElse(CredentialSettings.USUAL);
    }

    private CredentialSettings read() {
        Optional<Base> profile = profile();
        Optional<Base> identity = section.section(WEB_IDENTITY).map(CredentialSection::webIdentity);
        Optional<Base> keys = keys();
        refuseSeveral();
        AssumedRole role = section.section(ASSUME_ROLE)
                .map(found -> role(found, identity.isPresent()))
                .orElse(null);
        return new CredentialSettings(profile.or(() -> identity).or(() -> keys).orElseGet(UsualPlaces::new), role);
    }

    private void refuseSeveral() {
        List<String> kinds = List.of(PROFILE, WEB_IDENTITY, ACCESS_KEY_ID).stream()
                .filter(section::has)
                .toList();
        if (kinds.size() > 1) {
            section.problem(
                    kinds.get(1),
                    "is one kind of credentials, and " + kinds.getFirst()
                            + " is another; remove one (a role on top of either goes below AssumeRole)");
        }
    }

    private Optional<Base> profile() {
        Optional<String> name = section.string(PROFILE).map(String::strip);
        if (name.isPresent() && name.get().isEmpty()) {
            section.problem(PROFILE, "is empty; write the name of a profile");
        }
        return name.map(Profile::new);
    }

    private Optional<Base> keys() {
        Optional<String> id = key(ACCESS_KEY_ID);
        Optional<String> secret = key(SECRET_ACCESS_KEY);
        Optional<String> token = key(SESSION_TOKEN);
        for (String key : List.of(ACCESS_KEY_ID, SECRET_ACCESS_KEY)) {
            boolean alone = section.has(ACCESS_KEY_ID) != section.has(SECRET_ACCESS_KEY);
            if (alone && section.has(key)) {
                section.problem(key, "is half of a pair: give both AccessKeyId and SecretAccessKey, or neither");
            }
        }
        if (section.has(SESSION_TOKEN) && !section.has(ACCESS_KEY_ID) && !section.has(SECRET_ACCESS_KEY)) {
            section.problem(SESSION_TOKEN, "needs AccessKeyId and SecretAccessKey beside it");
        }
        return id.flatMap(known -> secret.map(other -> new AccessKeys(known, other, token.orElse(null))));
    }

    private Optional<String> key(String name) {
        Optional<String> text = section.string(name).map(String::strip);
        if (text.isPresent() && text.get().isEmpty()) {
            section.problem(name, "is empty");
        }
        return text;
    }

    private static WebIdentity webIdentity(Section section) {
        Optional<Path> file = section.path("TokenFile");
        if (!section.has("TokenFile")) {
            section.problem("TokenFile", "is required: the file that holds the token");
        }
        WebIdentity identity = new WebIdentity(file.orElse(Path.of("")), roleArn(section), sessionName(section));
        section.rejectUnknownKeys();
        return identity;
    }

    private static AssumedRole role(Section section, boolean withRole) {
        Duration duration = Duration.ofSeconds(section.integer(
                DURATION, (int) SHORTEST.toSeconds(), (int) LONGEST.toSeconds(), (int) HOUR.toSeconds()));
        if (withRole && duration.compareTo(HOUR) > 0) {
            section.problem(
                    DURATION,
                    "is more than 3600, which AWS refuses for a role that is assumed with another's credentials, here"
                            + " WebIdentity's");
        }
        AssumedRole role = new AssumedRole(roleArn(section), externalId(section), sessionName(section), duration);
        section.rejectUnknownKeys();
        return role;
    }

    private static String roleArn(Section section) {
        if (!section.has(ROLE_ARN)) {
            section.problem(ROLE_ARN, "is required: the role, such as arn:aws:iam::111122223333:role/NAME");
            return "";
        }
        String arn = section.string(ROLE_ARN).map(String::strip).orElse("");
        if (!ROLE.matcher(arn).matches()) {
            section.problem(ROLE_ARN, "'" + arn + "' is no role's ARN, such as arn:aws:iam::111122223333:role/NAME");
        }
        return arn;
    }

    private static @Nullable String externalId(Section section) {
        Optional<String> id = section.string("ExternalId").map(String::strip);
        if (id.isPresent() && !EXTERNAL_ID.matcher(id.get()).matches()) {
            section.problem("ExternalId", "must have 2 to 1224 letters, digits and characters of _+=,.@:/-");
        }
        return id.orElse(null);
    }

    private static String sessionName(Section section) {
        String name =
                section.string(SESSION_NAME, CredentialSettings.SESSION_NAME).strip();
        if (!SESSION.matcher(name).matches()) {
            section.problem(SESSION_NAME, "'" + name + "' must have 2 to 64 letters, digits and characters of _+=,.@-");
        }
        return name;
    }
}
