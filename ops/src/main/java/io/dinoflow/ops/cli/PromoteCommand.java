package io.dinoflow.ops.cli;

import io.dinoflow.activity.run.GateKeeper;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.gate.Verdict;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.registry.ModelRegistry;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a checkpoint serve under a model's name. */
@CommandLine.Command(
    name = "promote",
    description = {
      "Let a checkpoint serve under a model's name: it becomes a version of the model, and an alias"
          + " points at it.",
      "Who, why and on what numbers is kept; `dinoflow models NAME` shows it."
    })
final class PromoteCommand extends Command {
  @Parameters(index = "0", paramLabel = "MODEL", description = "The model's name.")
  private String model = "";

  @Parameters(
      index = "1",
      paramLabel = "CHECKPOINT|VERSION",
      description = "RUN/STAGE[/STUDENT], an id, or the number of a version.")
  private String what = "";

  @Option(
      names = "--alias",
      defaultValue = "champion",
      description = "What shall point at it (default: ${DEFAULT-VALUE}).")
  private String alias = "";

  @Option(names = "--why", required = true, paramLabel = "TEXT", description = "The reason.")
  private String why = "";

  @Option(
      names = "--evaluation",
      paramLabel = "REF",
      description = "The evaluation it was decided on: RUN/STAGE or an id. Its numbers are kept.")
  private String evaluation;

  @Option(
      names = "--gate",
      paramLabel = "G",
      description =
          "Promote only if this holds, such as \"knn10.top1 >= champion\"; needs --evaluation."
              + " Exit code 4 where it does not.")
  private String gate;

  @Option(
      names = "--champion-evaluation",
      paramLabel = "REF",
      description =
          "Where the champion was measured on the same pictures (default: --evaluation itself, else"
              + " what it was registered with).")
  private String championEvaluation;

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      ModelRegistry registry = services.models();
      Optional<Sha256> decidedOn =
          Optional.ofNullable(evaluation).map(ref -> References.artifact(services.lineage(), ref));
      Map<String, Double> numbers = new TreeMap<>();
      decidedOn.ifPresent(
          id -> services.lineage().metrics(id).forEach(m -> numbers.put(m.name(), m.value())));
      ModelVersion version = version(services, registry, decidedOn);
      if (gate != null) {
        numbers.putAll(passed(services, registry, version, decidedOn));
      }
      Optional<Promotion> move =
          registry.promote(
              model,
              version.version(),
              alias,
              new Promotion.Decision(ModelsCommand.user(environment()), why, numbers));
      if (asJson()) {
        move.ifPresent(m -> printer().json(ModelsCommand.json(m)));
      } else {
        printer().line(said(move, version));
      }
      return ExitCode.OK;
    }
  }

  /** The numbers that the gate was decided on. */
  private Map<String, Double> passed(
      Services services, ModelRegistry registry, ModelVersion version, Optional<Sha256> decidedOn)
      throws IOException {
    Sha256 measured =
        decidedOn
            .or(version::evaluation)
            .orElseThrow(
                () ->
                    CliFailure.usage(
                        "--gate needs --evaluation",
                        "the version was registered without one",
                        "name the evaluation that measured it: RUN/STAGE or an id"));
    GateCheck check = new GateCheck(services, Scratch.under(home().scratch().resolve("gate")));
    Verdict verdict =
        check.verdict(
            gate,
            new GateKeeper.Side(measured, version.checkpoint().id()),
            registry.find(model, alias),
            Optional.ofNullable(championEvaluation)
                .map(ref -> References.artifact(services.lineage(), ref)));
    if (!verdict.passed()) {
      throw new CliFailure(
          ExitCode.GATE_REFUSED,
          "version %d of %s was not promoted".formatted(version.version(), model),
          verdict.text(),
          "`dinoflow models %s` shows what serves; without --gate it would be promoted"
              .formatted(model));
    }
    return verdict.numbers();
  }

  private ModelVersion version(
      Services services, ModelRegistry registry, Optional<Sha256> decidedOn) {
    if (!what.matches("[0-9]{1,6}")) {
      return registry.register(model, References.artifact(services.lineage(), what), decidedOn);
    }
    int number = Integer.parseInt(what);
    return registry.versions(model).stream()
        .filter(v -> v.version() == number)
        .findFirst()
        .orElseThrow(
            () ->
                CliFailure.notFound(
                    "no version %d of model %s".formatted(number, model),
                    "it was never registered",
                    "`dinoflow models %s` lists its versions".formatted(model)));
  }

  private String said(Optional<Promotion> move, ModelVersion version) {
    String now =
        "%s of %s is version %d, %s at step %d"
            .formatted(
                alias,
                model,
                version.version(),
                version.checkpoint().track(),
                version.checkpoint().step());
    return move.map(m -> now + m.replaced().map(" (was version %d)"::formatted).orElse(""))
        .orElse(now + " already");
  }
}
