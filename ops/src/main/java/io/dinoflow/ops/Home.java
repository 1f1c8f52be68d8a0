package io.dinoflow.ops;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder that holds all state of one installation: {@code ~/.dinoflow} unless {@code --home} or
 * {@code DINOFLOW_HOME} moves it. Two homes share nothing but the cache of downloaded programs.
 */
public record Home(Path folder) {
  public Home {
    folder = folder.toAbsolutePath().normalize();
  }

  /**
   * The home of an environment: DINOFLOW_HOME, else {@code .dinoflow} in the user's home folder.
   */
  public static Home of(Map<String, String> environment) {
    String moved = environment.getOrDefault("DINOFLOW_HOME", "");
    return new Home(
        moved.isBlank() ? Path.of(System.getProperty("user.home"), ".dinoflow") : Path.of(moved));
  }

  public Path postgres() {
    return folder.resolve("postgres");
  }

  public Path objects() {
    return folder.resolve("objects");
  }

  public Path temporalDatabase() {
    return folder.resolve("temporal.db");
  }

  public Path logs() {
    return folder.resolve("logs");
  }

  /** Datasets as they were fetched; may be removed while nothing runs. */
  public Path datasets() {
    return folder.resolve("datasets");
  }

  public Path scratch() {
    return folder.resolve("scratch");
  }

  /** Where reports of runs are written: {@code reports/<run>.html}. */
  public Path reports() {
    return folder.resolve("reports");
  }

  /** Where steps that were recorded lie, see {@code run --profile}; may be removed at any time. */
  public Path profiles() {
    return folder.resolve("profiles");
  }

  /** What runs now: ports, process ids, start times. Written whole, by rename. */
  public Path state() {
    return folder.resolve("state.json");
  }

  /** The demo run that {@code dinoflow demo} comes back to. */
  public Path demo() {
    return folder.resolve("demo.json");
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
