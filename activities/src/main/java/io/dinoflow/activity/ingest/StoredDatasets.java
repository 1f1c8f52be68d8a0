package io.dinoflow.activity.ingest;

import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.storage.lineage.AmbiguousIdException;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.util.Optional;

/** Finds what {@code dataset:NAME} (its newest version) or {@code dataset:NAME@VERSION} means. */
final class StoredDatasets {
  static final String PREFIX = "dataset:";

  private final LineageStore lineage;

  StoredDatasets(LineageStore lineage) {
    this.lineage = lineage;
  }

  /**
   * @param name what follows the prefix
   * @throws BadSourceException the store has no such dataset
   */
  DatasetRef find(String name) {
    int at = name.lastIndexOf('@');
    Optional<DatasetRef> found =
        at < 0
            ? lineage.newestDataset(name)
            : version(name.substring(0, at), name.substring(at + 1));
    return found.orElseThrow(
        () ->
            new BadSourceException(
                "the store has no dataset \"%s\"; datasets there: %s"
                    .formatted(
                        name,
                        lineage.datasets(20).stream()
                            .map(row -> row.ref().name())
                            .distinct()
                            .toList())));
  }

  private Optional<DatasetRef> version(String name, String digits) {
    try {
      ArtifactRef found = lineage.find(digits).ref();
      return lineage.dataset(found.id()).filter(dataset -> dataset.name().equals(name));
    } catch (UnknownIdException | AmbiguousIdException noSuch) {
      return Optional.empty();
    }
  }
}
