package io.dinoflow.ops.cli;

import io.dinoflow.activity.run.GateKeeper;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.gate.Gate;
import io.dinoflow.model.gate.GateProblemsException;
import io.dinoflow.model.gate.Verdict;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.registry.ModelVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks a gate about a checkpoint and the champion, each as some evaluation measured it. */
final class GateCheck {
  private static final int LOOK_BACK = 200;

  private final Services services;
  private final GateKeeper keeper;

  GateCheck(Services services, Scratch scratch) {
    this.services = services;
    this.keeper = new GateKeeper(services.artifacts(), scratch);
  }

  /**
   * @param named where the champion was measured; empty looks for it
   */
  Verdict verdict(
      String typed,
      GateKeeper.Side challenger,
      Optional<ModelVersion> champion,
      Optional<Sha256> named)
      throws IOException {
    try {
      Gate gate = Gate.parse(typed, keeper.card(challenger).metrics());
      Optional<ModelVersion> against = champion.filter(c -> gate.needsChampion());
      return against.isEmpty()
          ? keeper.judge(gate, challenger, Optional.empty())
          : against(gate, challenger, against.get(), named);
    } catch (GateProblemsException e) {
      throw CliFailure.usage(
          "--gate " + typed + " cannot be used", String.join("; ", e.problems()), Gate.FORM);
    }
  }

  private Verdict against(
      Gate gate, GateKeeper.Side challenger, ModelVersion champion, Optional<Sha256> named)
      throws IOException {
    List<String> refused = new ArrayList<>();
    for (Sha256 evaluation : candidates(challenger, champion, named)) {
      try {
        return keeper.judge(
            gate,
            challenger,
            Optional.of(new GateKeeper.Side(evaluation, champion.checkpoint().id())));
      } catch (IllegalArgumentException unfit) {
        refused.add(evaluation.shortForm() + ": " + unfit.getMessage());
      }
    }
    throw new CliFailure(
        ExitCode.CONFLICT,
        "the gate cannot be asked",
        "the champion, version %d, was not measured on the challenger's pictures (%s)"
            .formatted(champion.version(), refused.isEmpty() ? "nowhere" : refused.get(0)),
        "measure both in one evaluation, or name one with --champion-evaluation");
  }

  private List<Sha256> candidates(
      GateKeeper.Side challenger, ModelVersion champion, Optional<Sha256> named) {
    if (named.isPresent()) {
      return List.of(named.get());
    }
    return Stream.concat(
            Stream.concat(Stream.of(challenger.evaluation()), champion.evaluation().stream()),
            services
                .lineage()
                .ancestry(champion.checkpoint().id(), Ancestry.Direction.DOWN, 1, LOOK_BACK)
                .nodes()
                .stream()
                .map(node -> node.artifact().ref())
                .filter(ref -> ref.kind() == ArtifactKind.EVALUATION)
                .map(ArtifactRef::id))
        .distinct()
        .toList();
  }
}
