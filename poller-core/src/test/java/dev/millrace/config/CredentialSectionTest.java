package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.Profile;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import dev.millrace.config.CredentialSettings.WebIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which credentials can be configured, and what is said of those that cannot. */
class CredentialSectionTest {

    private static final String ARN = "arn:aws:iam::111122223333:role/path/reader";

    private final Problems problems = new Problems();

    /** Reads pairs such as {@code AssumeRole.RoleArn=...}, each on a line of its own. */
    private CredentialSettings read(String... pairs) {
        ConfigNode node = node(Arrays.asList(pairs));
        Position top = new Position("f", 1);
        return CredentialSection.read(
                new Section("Aws", new ConfigNode.Mapping(Map.of("Credentials", node), top), problems));
    }

    private static ConfigNode node(List<String> pairs) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (String pair : pairs) {
            String key = pair.split("[.=]", 2)[0];
            String rest = pair.substring(key.length());
            if (rest.startsWith("=")) {
                entries.put(key, new ConfigNode.Scalar(rest.substring(1), new Position("f", 1)));
            } else {
                entries.computeIfAbsent(
                        key,
                        _ -> node(pairs.stream()
                                .filter(other -> other.startsWith(key + "."))
                                .map(other -> other.substring(key.length() + 1))
                                .toList()));
            }
        }
        return new ConfigNode.Mapping(entries, new Position("f", 1));
    }

    private List<String> messages() {
        return problems.all().stream()
                .map(problem -> problem.path().replace("Aws.Credentials.", "") + ": " + problem.message())
                .toList();
    }

    @Test
    void everyKindIsRead() {
        assertThat(read()).isEqualTo(CredentialSettings.USUAL);
        assertThat(read("Profile=prod").base()).isEqualTo(new Profile("prod"));
        assertThat(read("AccessKeyId=id", "SecretAccessKey=secret").base())
                .isEqualTo(new AccessKeys("id", "secret", null));
        assertThat(read("AccessKeyId=id", "SecretAccessKey=secret", "SessionToken=token")
                        .base())
                .isEqualTo(new AccessKeys("id", "secret", "token"));
        assertThat(read("WebIdentity.TokenFile=/token", "WebIdentity.RoleArn=" + ARN)
                        .base())
                .isEqualTo(new WebIdentity(Path.of("/token"), ARN, "millrace"));
        assertThat(messages()).isEmpty();
    }

    @Test
    void aRoleGoesOnTopOfAnyKind() {
        assertThat(read("AssumeRole.RoleArn=" + ARN))
                .isEqualTo(new CredentialSettings(
                        new UsualPlaces(), new AssumedRole(ARN, null, "millrace", Duration.ofHours(1))));
        assertThat(read(
                                "Profile=prod",
                                "AssumeRole.RoleArn=" + ARN,
                                "AssumeRole.ExternalId=a+b=c,d.e@f:g/h-i_j",
                                "AssumeRole.SessionName=me@here",
                                "AssumeRole.DurationSeconds=43200")
                        .role())
                .isEqualTo(new AssumedRole(ARN, "a+b=c,d.e@f:g/h-i_j", "me@here", Duration.ofHours(12)));
        assertThat(messages()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Profile=a WebIdentity.TokenFile=/t WebIdentity.RoleArn=ROLE | WebIdentity: is one kind of credentials,"
                        + " and Profile is another; remove one (a role on top of either goes below AssumeRole)",
                "WebIdentity.TokenFile=/t WebIdentity.RoleArn=ROLE AccessKeyId=i SecretAccessKey=s | AccessKeyId: is"
                    + " one kind of credentials, and WebIdentity is another; remove one (a role on top of either goes"
                    + " below AssumeRole)",
                "AccessKeyId=i | AccessKeyId: is half of a pair: give both AccessKeyId and SecretAccessKey, or neither",
                "SecretAccessKey=s | SecretAccessKey: is half of a pair: give both AccessKeyId and SecretAccessKey, or"
                        + " neither",
                "SessionToken=t | SessionToken: needs AccessKeyId and SecretAccessKey beside it",
                "Profile= | Profile: is empty; write the name of a profile",
                "AccessKeyId= SecretAccessKey=s | AccessKeyId: is empty",
                "AssumeRole.ExternalId=id | AssumeRole.RoleArn: is required: the role, such as"
                        + " arn:aws:iam::111122223333:role/NAME",
                "AssumeRole.RoleArn=reader | AssumeRole.RoleArn: 'reader' is no role's ARN, such as"
                        + " arn:aws:iam::111122223333:role/NAME",
                "AssumeRole.RoleArn=arn:aws:iam::111122223333:user/u | AssumeRole.RoleArn:"
                        + " 'arn:aws:iam::111122223333:user/u' is no role's ARN, such as"
                        + " arn:aws:iam::111122223333:role/NAME",
                "AssumeRole.RoleArn=ROLE AssumeRole.ExternalId=x | AssumeRole.ExternalId: must have 2 to 1224 letters,"
                        + " digits and characters of _+=,.@:/-",
                "AssumeRole.RoleArn=ROLE AssumeRole.ExternalId=a#b | AssumeRole.ExternalId: must have 2 to 1224"
                        + " letters, digits and characters of _+=,.@:/-",
                "AssumeRole.RoleArn=ROLE AssumeRole.SessionName=a/b | AssumeRole.SessionName: 'a/b' must have 2 to 64"
                        + " letters, digits and characters of _+=,.@-",
                "AssumeRole.RoleArn=ROLE AssumeRole.DurationSeconds=899 | AssumeRole.DurationSeconds: '899' is not a"
                        + " whole number from 900 to 43200",
                "WebIdentity.RoleArn=ROLE | WebIdentity.TokenFile: is required: the file that holds the token",
                "WebIdentity.TokenFile=/t | WebIdentity.RoleArn: is required: the role, such as"
                        + " arn:aws:iam::111122223333:role/NAME",
                "WebIdentity.TokenFile=/t WebIdentity.RoleArn=ROLE AssumeRole.RoleArn=ROLE"
                        + " AssumeRole.DurationSeconds=3601 | AssumeRole.DurationSeconds: is more than 3600, which AWS"
                        + " refuses for a role that is assumed with another's credentials, here WebIdentity's",
                "RoleArn=ROLE | RoleArn: unknown key; known here: AccessKeyId, AssumeRole, Profile, SecretAccessKey,"
                        + " SessionToken, WebIdentity",
            })
    void eachMistakeIsToldOnceWithTheRemedy(String pairs, String message) {
        read(pairs.replace("ROLE", ARN).split(" ", -1));

        assertThat(messages()).containsExactly(message);
    }

    @Test
    void theLimitsOfExternalIdsAndSessionNamesAreAws() {
        read("AssumeRole.RoleArn=" + ARN, "AssumeRole.ExternalId=" + "x".repeat(1_224), "AssumeRole.SessionName=ab");
        assertThat(messages()).isEmpty();

        read(
                "AssumeRole.RoleArn=" + ARN,
                "AssumeRole.ExternalId=" + "x".repeat(1_225),
                "AssumeRole.SessionName=" + "x".repeat(65));
        assertThat(messages()).hasSize(2);
    }
}
