package io.dinoflow.ops.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Finds or obtains Temporal's command line program, whose {@code server start-dev} is the embedded
 * Temporal server: on PATH, in the cache of all homes, from its publisher, or built with Go. Each
 * way that fails says why, and the next one is tried.
 */
final class TemporalProgram {
  static final String VERSION = "1.5.1";
  static final URI PUBLISHER = URI.create("https://temporal.download/cli/archive/");

  private static final String MODULE = "github.com/temporalio/cli/cmd/temporal@v" + VERSION;
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
  private static final Duration DOWNLOAD_MAX = Duration.ofMinutes(5);
  private static final Duration BUILD_MAX = Duration.ofMinutes(30);
  private static final long TICK_SECONDS = 10;

  private final Programs programs;
  private final URI publisher;
  private final Consumer<String> progress;

  TemporalProgram(Programs programs, URI publisher, Consumer<String> progress) {
    this.programs = programs;
    this.publisher = publisher;
    this.progress = progress;
  }

  /** The program, or nothing when no way led to it; what was tried has been said. */
  Optional<Path> locate() throws InterruptedException {
    Optional<Path> onPath = programs.onPath("temporal");
    if (onPath.isPresent()) {
      return onPath;
    }
    Path cached = cached();
    if (Files.isExecutable(cached)) {
      return Optional.of(cached);
    }
    return download().or(this::build);
  }

  Path cached() {
    return programs.cache().resolve("temporal-" + VERSION);
  }

  private Optional<Path> download() throws InterruptedException {
    URI archive =
        publisher.resolve("v%s?platform=%s&arch=%s".formatted(VERSION, platform(), architecture()));
    progress.accept("temporal: fetching version " + VERSION + " from " + archive);
    long began = System.nanoTime();
    Path folder = null;
    try {
      Files.createDirectories(programs.cache());
      folder = Files.createTempDirectory(programs.cache(), "download-");
      Path file = folder.resolve("archive.tar.gz");
      fetch(archive, file);
      Path program = unpack(file, folder);
      progress.accept(
          "temporal: fetched in %d s, sha256 of the archive %s"
              .formatted(seconds(began), sha256(file)));
      return Optional.of(install(program));
    } catch (IOException e) {
      progress.accept(
          "temporal: cannot be fetched (%s) after %d s; trying the next way"
              .formatted(words(e), seconds(began)));
      return Optional.empty();
    } finally {
      delete(folder);
    }
  }

  private void fetch(URI archive, Path file) throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_MAX)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    HttpRequest request = HttpRequest.newBuilder(archive).timeout(DOWNLOAD_MAX).build();
    var answer = client.sendAsync(request, HttpResponse.BodyHandlers.ofFile(file));
    long began = System.nanoTime();
    while (true) {
      try {
        int status = answer.get(TICK_SECONDS, TimeUnit.SECONDS).statusCode();
        if (status != 200) {
          throw new IOException("the server answered with status " + status);
        }
        return;
      } catch (TimeoutException slow) {
        if (seconds(began) > DOWNLOAD_MAX.toSeconds()) {
          answer.cancel(true);
          throw new IOException("not there after " + DOWNLOAD_MAX.toSeconds() + " s", slow);
        }
        long bytes = Files.exists(file) ? Files.size(file) : 0;
        progress.accept(
            "temporal: still fetching, %d MiB after %d s".formatted(bytes >> 20, seconds(began)));
      } catch (ExecutionException e) {
        throw new IOException(words(e.getCause() == null ? e : e.getCause()), e);
      }
    }
  }

  private static Path unpack(Path archive, Path folder) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(raw))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        // only this one name is written, and under a name of ours: no entry can leave the folder
        if (entry.isFile() && entry.getName().matches("(\\./)?temporal(\\.exe)?")) {
          Path program = folder.resolve("program");
          Files.copy(tar, program);
          return program;
        }
      }
    }
    throw new IOException("the archive holds no program called temporal");
  }

  private Optional<Path> build() {
    Optional<Path> go = programs.onPath("go");
    if (go.isEmpty()) {
      progress.accept("temporal: no Go on PATH to build it with");
      return Optional.empty();
    }
    progress.accept("temporal: building with `go install " + MODULE + "` (about 4 minutes, once)");
    long began = System.nanoTime();
    Path folder = null;
    try {
      Files.createDirectories(programs.cache());
      folder = Files.createTempDirectory(programs.cache(), "build-");
      Path log = programs.cache().resolve("temporal-build.log");
      ProcessBuilder builder =
          new ProcessBuilder(go.get().toString(), "install", MODULE)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("GOBIN", folder.toString());
      builder.environment().put("GOFLAGS", "");
      Process process = builder.start();
      while (!process.waitFor(TICK_SECONDS, TimeUnit.SECONDS)) {
        if (seconds(began) > BUILD_MAX.toSeconds()) {
          process.destroyForcibly();
          throw new IOException("not built after " + BUILD_MAX.toMinutes() + " minutes");
        }
        progress.accept("temporal: still building, %d s".formatted(seconds(began)));
      }
      if (process.exitValue() != 0) {
        throw new IOException("go ended with %d, see %s".formatted(process.exitValue(), log));
      }
      progress.accept("temporal: built in %d s".formatted(seconds(began)));
      return Optional.of(install(folder.resolve("temporal")));
    } catch (IOException e) {
      progress.accept("temporal: cannot be built (%s)".formatted(words(e)));
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      delete(folder);
    }
  }

  /** Puts the finished program into the cache in one step, so that no home sees half of it. */
  private Path install(Path program) throws IOException {
    if (!program.toFile().setExecutable(true, false)) {
      throw new IOException(program + " cannot be made executable");
    }
    return Files.move(
        program, cached(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void delete(@org.jspecify.annotations.Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      progress.accept("temporal: " + folder + " is left over: " + e.getMessage());
    }
  }

  private static String platform() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.contains("mac") ? "darwin" : name.contains("win") ? "windows" : "linux";
  }

  private static String architecture() {
    return System.getProperty("os.arch").matches("aarch64|arm64") ? "arm64" : "amd64";
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String words(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static long seconds(long beganNanos) {
    return Duration.ofNanos(System.nanoTime() - beganNanos).toSeconds();
  }
}
