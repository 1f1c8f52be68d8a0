package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.Outcomes;
import io.dinoflow.model.gate.Gate;
import io.dinoflow.model.gate.Scorecard;
import io.dinoflow.model.gate.Verdict;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.workflow.Payloads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks gates about committed evaluations. The verdict is a function of what they hold. */
public final class GateKeeper {
  private static final Set<String> FILES = Set.of(EvaluationReport.FILE_NAME, Outcomes.FILE_NAME);

  private final ArtifactStore artifacts;
  private final Scratch scratch;
  private final ObjectMapper json = Payloads.mapper();

  public GateKeeper(ArtifactStore artifacts, Scratch scratch) {
    this.artifacts = artifacts;
    this.scratch = scratch;
  }

  /** A checkpoint as one evaluation measured it. */
  public record Side(Sha256 evaluation, Sha256 checkpoint) {}

  /**
   * @throws IllegalArgumentException an evaluation did not measure the checkpoint, keeps no
   *     answers, or the two saw different pictures
   * @throws IOException the local disk failed
   */
  public Verdict judge(Gate gate, Side challenger, Optional<Side> champion) throws IOException {
    Scorecard card = card(challenger);
    Optional<Scorecard> against =
        champion.isPresent() ? Optional.of(card(champion.get())) : Optional.empty();
    return gate.judge(card, against);
  }

  /** What the evaluation says of the checkpoint. */
  public Scorecard card(Side side) throws IOException {
    try (Scratch.Folder folder = scratch.folder("gate")) {
      Map<String, Path> files = artifacts.fetch(side.evaluation(), FILES::contains, folder.path());
      for (String file : FILES) {
        if (!files.containsKey(file)) {
          throw new IllegalArgumentException(
              "evaluation %s has no %s; measure again"
                  .formatted(side.evaluation().shortForm(), file));
        }
      }
      EvaluationReport report =
          json.readValue(
              java.util.Objects.requireNonNull(files.get(EvaluationReport.FILE_NAME)).toFile(),
              EvaluationReport.class);
      Outcomes outcomes =
          Outcomes.read(java.util.Objects.requireNonNull(files.get(Outcomes.FILE_NAME)));
      return Scorecard.of(report, outcomes, side.checkpoint());
    }
  }
}
