package dev.understudy.adapters.cometapi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate and the two ends that trust it. */
record Tls(SSLContext context) {
  private static final Map<String, Tls> MADE = new ConcurrentHashMap<>();
  private static final char[] PASSWORD = "of a test".toCharArray();

  /**
   * A certificate, made with the JDK's own tool.
   *
   * @param name whose it is: {@code ip:127.0.0.1} or {@code dns:cdn.example.com}
   */
  static Tls of(String name) {
    return MADE.computeIfAbsent(name, Tls::make);
  }

  private static Tls make(String name) {
    try {
      Path folder = Files.createTempDirectory("understudy-tls");
      Path store = folder.resolve("store.p12");
      try {
        Process keytool =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "test",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=test",
                    "-ext",
                    "san=" + name,
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        if (keytool.waitFor() != 0) {
          throw new IllegalStateException(Files.readString(folder.resolve("log")));
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
          keys.load(in, PASSWORD);
        }
        KeyManagerFactory own =
            KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        TrustManagerFactory trusted =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore others = KeyStore.getInstance("PKCS12");
        others.load(null, null);
        others.setCertificateEntry("test", keys.getCertificate("test"));
        trusted.init(others);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return new Tls(context);
      } finally {
        Files.deleteIfExists(store);
        Files.deleteIfExists(folder.resolve("log"));
        Files.deleteIfExists(folder);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  ServerSocketFactory server() {
    return context.getServerSocketFactory();
  }

  SSLSocketFactory client() {
    return context.getSocketFactory();
  }
}
