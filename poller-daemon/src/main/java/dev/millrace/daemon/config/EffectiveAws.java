package dev.millrace.daemon.config;

import dev.millrace.config.AwsOverride;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.CredentialSettings;
import dev.millrace.config.CredentialSettings.AccessKeys;
import dev.millrace.config.CredentialSettings.AssumedRole;
import dev.millrace.config.CredentialSettings.Profile;
import dev.millrace.config.CredentialSettings.UsualPlaces;
import dev.millrace.config.CredentialSettings.WebIdentity;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the sections {@code Aws} of the daemon and of mappings, secrets masked. */
final class EffectiveAws {

    private final Secrets secrets;

    EffectiveAws(Secrets secrets) {
        this.secrets = secrets;
    }

    Map<String, Object> section(AwsSettings aws) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("Endpoints", endpoints(aws.endpoints()));
        putUnlessEmpty(section, "Regions", sorted(aws.regions()));
        Path file = aws.authorities().file();
        if (file != null) {
            section.put("CaCertificates", file.toAbsolutePath().toString());
        }
        putUnlessEmpty(section, "Credentials", credentials(aws.credentials()));
        return section;
    }

    /** Empty when the mapping has nothing of its own. */
    Map<String, Object> section(AwsOverride aws) {
        Map<String, Object> section = new LinkedHashMap<>();
        URI endpoint = aws.endpoint();
        put(section, "Endpoint", endpoint == null ? null : endpoint.toString());
        putUnlessEmpty(section, "Endpoints", endpoints(aws.endpoints()));
        put(section, "Region", aws.region());
        putUnlessEmpty(section, "Credentials", credentials(aws.credentials()));
        return section;
    }

    private Map<String, Object> endpoints(Map<String, URI> endpoints) {
        Map<String, Object> section = new LinkedHashMap<>();
        sorted(endpoints).forEach((service, url) -> put(section, service, url.toString()));
        return section;
    }

    private Map<String, Object> credentials(CredentialSettings credentials) {
        Map<String, Object> section = new LinkedHashMap<>();
        switch (credentials.base()) {
            case UsualPlaces() -> {}
            case Profile(var name) -> put(section, "Profile", name);
            case WebIdentity identity -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                entries.put("TokenFile", identity.tokenFile().toAbsolutePath().toString());
                put(entries, "RoleArn", identity.roleArn());
                put(entries, "SessionName", identity.sessionName());
                section.put("WebIdentity", entries);
            }
            case AccessKeys keys -> {
                put(section, "AccessKeyId", keys.accessKeyId());
                put(section, "SecretAccessKey", keys.secretAccessKey());
                put(section, "SessionToken", keys.sessionToken());
            }
        }
        AssumedRole role = credentials.role();
        if (role != null) {
            Map<String, Object> entries = new LinkedHashMap<>();
            put(entries, "RoleArn", role.arn());
            put(entries, "ExternalId", role.externalId());
            put(entries, "SessionName", role.sessionName());
            entries.put("DurationSeconds", role.duration().toSeconds());
            section.put("AssumeRole", entries);
        }
        return section;
    }

    private void put(Map<String, Object> section, String key, @Nullable String text) {
        if (text != null) {
            section.put(key, secrets.mask(key, text));
        }
    }

    private static <T> Map<String, T> sorted(Map<String, T> map) {
        Map<String, T> sorted = new LinkedHashMap<>();
        map.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    private static void putUnlessEmpty(Map<String, Object> section, String key, Map<String, ?> value) {
        if (!value.isEmpty()) {
            section.put(key, value);
        }
    }
}
