package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import java.util.Map;

/**
 * An edge from something about to be committed to the artifact it was made from.
 *
 * @param to must be committed already
 * @param attributes facts about the relation, such as {@code at_step}
 */
public record EdgeDraft(EdgeKind kind, Sha256 to, Map<String, String> attributes) {
  public EdgeDraft {
    attributes = Map.copyOf(attributes);
  }

  public static EdgeDraft of(EdgeKind kind, Sha256 to) {
    return new EdgeDraft(kind, to, Map.of());
  }
}
