package io.dinoflow.ops.embedded;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Programs of this machine, and the folder of those we fetched (shared by all homes). */
final class Programs {
  private final Map<String, String> environment;

  Programs(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** A program on PATH. */
  Optional<Path> onPath(String name) {
    return Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isBlank())
        .map(folder -> Path.of(folder, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** {@code $XDG_CACHE_HOME/dinoflow}, by default {@code ~/.cache/dinoflow}. */
  Path cache() {
    String base = environment.getOrDefault("XDG_CACHE_HOME", "");
    return base.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "dinoflow")
        : Path.of(base, "dinoflow");
  }
}
