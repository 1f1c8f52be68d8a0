package io.dinoflow.storage.lineage;

import java.util.List;

/** A shortened id fits more than one artifact. */
public final class AmbiguousIdException extends RuntimeException {
  public AmbiguousIdException(String prefix, List<String> candidates) {
    super(
        "\"%s\" is the beginning of %d ids or more: give more digits, for example %s"
            .formatted(prefix, candidates.size(), String.join(", ", candidates)));
  }
}
