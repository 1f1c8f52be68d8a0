package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder where profiles of steps lie, one file for each run and stage.
 *
 * <p>A file is written whole, by rename, and a newer profile of the same stage replaces it. It is a
 * help to whoever tunes a machine and no part of what a run made: nothing reads it again, and it
 * may be removed at any time.
 */
public final class Profiles {
  private final Path folder;

  private Profiles(Path folder) {
    this.folder = folder;
  }

  /** The folder need not exist. */
  public static Profiles under(Path folder) {
    return new Profiles(folder);
  }

  /** A profile and the file it lies in. */
  public record Stored(Path file, StepProfile profile) {}

  /** Writes the profile and says where. */
  Path write(StepProfile profile) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(prefix(profile.run()) + profile.scope().replace('/', '@') + ".json");
    Path draft = Files.createTempFile(folder, "profile", ".draft");
    try {
      Files.writeString(draft, profile.json());
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
    return file;
  }

  /** The profiles of a run that lie here, by file name. */
  public List<Stored> of(RunId run) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> file.getFileName().toString().startsWith(prefix(run)))
              .filter(file -> file.getFileName().toString().endsWith(".json"))
              .sorted()
              .toList();
    }
    List<Stored> found = new ArrayList<>();
    for (Path file : files) {
      StepProfile profile = StepProfile.read(Files.readString(file));
      // two ids may differ in what file systems refuse only
      if (profile.run().equals(run)) {
        found.add(new Stored(file, profile));
      }
    }
    return found;
  }

  /** No run id has an at sign, so no run's files begin like another's. */
  private static String prefix(RunId run) {
    return run.value().replace(':', '_') + "@";
  }
}
