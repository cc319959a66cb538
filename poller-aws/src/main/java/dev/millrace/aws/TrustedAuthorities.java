package dev.millrace.aws;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts servers that the JVM's certificate authorities or further ones have certified. */
final class TrustedAuthorities {

    private TrustedAuthorities() {}

    /** Managers that trust the JVM's authorities and these. */
    static TrustManager[] with(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (TrustManager manager : managers(null)) {
                if (manager instanceof X509TrustManager ofJvm) {
                    for (X509Certificate authority : ofJvm.getAcceptedIssuers()) {
                        store.setCertificateEntry("jvm-" + store.size(), authority);
                    }
                }
            }
            for (X509Certificate authority : authorities) {
                store.setCertificateEntry("own-" + store.size(), authority);
            }
            return managers(store);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("certificates that could be read cannot be trusted: " + e.getMessage(), e);
        }
    }

    /** Of a store, or of the JVM's own when it is null. */
    private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
