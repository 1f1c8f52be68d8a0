package io.dinoflow.storage.testing;

import io.dinoflow.migrations.Migrations;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.S3ObjectStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A PostgreSQL server and an S3 server (a child process), started at first use and stopped when the
 * JVM ends. Every {@link #database} and {@link #bucket} is new and empty, so test classes share the
 * servers without seeing each other.
 */
public final class TestServers {
  private static final String ACCESS_KEY = "test-access";
  private static final String SECRET_KEY = "test-secret-123";
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final Duration START_MAX = Duration.ofMinutes(3);
  private static final int PORTS_TRIED_MAX = 5;

  private TestServers() {}

  /** Where one server's data lies, for tests that damage it. */
  public record Bucket(URI endpoint, String name, String accessKey, String secretKey, Path folder) {
    public S3ObjectStore connect() {
      return S3ObjectStore.connect(endpoint, name, accessKey, secretKey);
    }
  }

  /** JDBC's way to a database. */
  public record Address(String url, String user, String password) {
    public Database open() {
      return Database.open(url, user, password, 24);
    }
  }

  /** A new database with this version's tables. */
  public static Database database() {
    Database database = emptyDatabase().open();
    Migrations.apply(database.dataSource());
    return database;
  }

  /** A new database without tables. */
  public static Address emptyDatabase() {
    String name = "test_" + NAMES.incrementAndGet();
    EmbeddedPostgres server = Postgres.SERVER;
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException("cannot create the database " + name, e);
    }
    return new Address(
        "jdbc:postgresql://127.0.0.1:%d/%s".formatted(server.getPort(), name), "postgres", "");
  }

  /** A new bucket. */
  public static Bucket bucket() {
    String name = "bucket-" + NAMES.incrementAndGet();
    return new Bucket(
        S3.ENDPOINT,
        name,
        ACCESS_KEY,
        SECRET_KEY,
        S3.FOLDER.resolve(name.toLowerCase(Locale.ROOT)));
  }

  /** Started when the class is first used. */
  private static final class Postgres {
    static final EmbeddedPostgres SERVER = start();

    private static EmbeddedPostgres start() {
      try {
        Path folder = temporaryFolder("postgres");
        EmbeddedPostgres server =
            EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("data"))
                .setOverrideWorkingDirectory(
                    Files.createDirectories(
                            Path.of(System.getProperty("java.io.tmpdir"), "dinoflow-postgres"))
                        .toFile())
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "200")
                .setPGStartupWait(START_MAX)
                .start();
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      try {
                        server.close();
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                    }));
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Started when the class is first used. */
  private static final class S3 {
    static final Path FOLDER = temporaryFolder("objects");
    static final URI ENDPOINT = start();

    /** Somebody else may take the port before the server does: then another one. */
    private static URI start() {
      for (int tried = 1; ; tried++) {
        try {
          return startAt(freePort());
        } catch (ServerEndedException ended) {
          if (tried == PORTS_TRIED_MAX) {
            throw ended;
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    private static URI startAt(int port) throws IOException {
      Path work = temporaryFolder("s3proxy");
      Path settings =
          Files.writeString(
              work.resolve("s3proxy.properties"),
              """
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.v4-max-non-chunked-request-size=134217728
                s3proxy.v4-max-chunk-size=134217728
                jclouds.provider=filesystem-nio2
                jclouds.identity=x
                jclouds.credential=x
                jclouds.filesystem.basedir=%s
                """
                  .formatted(ACCESS_KEY, SECRET_KEY, port, FOLDER));
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-cp",
                  testClassPath(),
                  "org.gaul.s3proxy.Main",
                  "--properties",
                  settings.toString())
              .redirectErrorStream(true)
              .redirectOutput(work.resolve("s3proxy.log").toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process)));
      Awaitility.await("the S3 server, log " + work)
          .atMost(START_MAX)
          .pollInterval(Duration.ofMillis(50))
          .pollInSameThread() // another thread would wait for this class to be initialised
          .until(() -> listens(port, process));
      return URI.create("http://127.0.0.1:" + port);
    }

    private static boolean listens(int port, Process process) {
      if (!process.isAlive()) {
        throw new ServerEndedException("the S3 server ended with " + process.exitValue());
      }
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
        return true;
      } catch (IOException notYet) {
        return false;
      }
    }
  }

  private static final class ServerEndedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ServerEndedException(String message) {
      super(message);
    }
  }

  /** Surefire may hide the true class path behind a jar that only lists it. */
  private static String testClassPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Path temporaryFolder(String name) {
    try {
      Path folder = Files.createTempDirectory("dinoflow-" + name);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteQuietly(folder.toFile())));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The servers may still write while this runs: what stays behind is the system's to clean. */
  private static void deleteQuietly(File file) {
    File[] children = file.listFiles();
    if (children != null) {
      for (File child : children) {
        deleteQuietly(child);
      }
    }
    boolean deleted = file.delete();
    if (!deleted) {
      file.deleteOnExit();
    }
  }
}
