package io.dinoflow.activity.ingest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A package of the npm registry as a local archive, downloaded once by {@code npm pack} (which
 * checks the registry's digest) into a cache that all homes share.
 */
final class NpmPackage {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(150);
  private static final int MESSAGE_CHARS_MAX = 300;

  /** The archive, or why it cannot be had. */
  record Outcome(Optional<Path> archive, String reason) {}

  private final Path cache;
  private final String command;

  NpmPackage(Path cache, String command) {
    this.cache = cache;
    this.command = command;
  }

  /** The user's cache and the npm on the path. */
  static NpmPackage ofUser() {
    String xdg = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).orElse("");
    Path base = xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return new NpmPackage(base.resolve("dinoflow"), "npm");
  }

  Outcome fetch(String name, String version) throws IOException {
    Path archive = cache.resolve("%s-%s.tgz".formatted(name, version));
    if (Files.isRegularFile(archive)) {
      return new Outcome(Optional.of(archive), "it is in the cache");
    }
    Files.createDirectories(cache);
    Path folder = Files.createTempDirectory(cache, "npm-");
    try {
      return pack(name, version, folder, archive);
    } finally {
      delete(folder);
    }
  }

  private Outcome pack(String name, String version, Path folder, Path archive) throws IOException {
    Path log = folder.resolve("npm.log");
    Process npm;
    try {
      npm =
          new ProcessBuilder(
                  List.of(
                      command,
                      "pack",
                      name + "@" + version,
                      "--silent",
                      "--pack-destination",
                      folder.toString()))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      return new Outcome(Optional.empty(), "npm is not on the PATH");
    }
    if (!ended(npm)) {
      return new Outcome(
          Optional.empty(), "npm gave no answer in %d s".formatted(ANSWER_MAX.toSeconds()));
    }
    Path packed = folder.resolve(archive.getFileName());
    if (npm.exitValue() != 0 || !Files.isRegularFile(packed)) {
      return new Outcome(
          Optional.empty(),
          "npm pack ended with code %d: %s".formatted(npm.exitValue(), message(log)));
    }
    Files.move(
        packed, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new Outcome(Optional.of(archive), "npm answered");
  }

  private static boolean ended(Process npm) {
    try {
      return npm.waitFor(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while npm was downloading", e);
    } finally {
      npm.descendants().forEach(ProcessHandle::destroyForcibly);
      npm.destroyForcibly();
    }
  }

  private static String message(Path log) throws IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    String line = text.replaceAll("\\s+", " ").strip();
    return line.substring(0, Math.min(MESSAGE_CHARS_MAX, line.length()));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
