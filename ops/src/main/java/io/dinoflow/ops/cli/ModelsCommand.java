package io.dinoflow.ops.cli;

import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.registry.ModelRegistry;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Lists models, or shows one with the history of its aliases. */
@CommandLine.Command(
    name = "models",
    description = "List the models that serve under a name, or show one and how it came to serve.")
final class ModelsCommand extends Command {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      description = "The model to show with its history.")
  private String model;

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      ModelRegistry registry = services.models();
      return model == null ? list(registry.versions()) : show(registry);
    }
  }

  private ExitCode list(List<ModelVersion> versions) {
    if (asJson()) {
      versions.forEach(v -> printer().json(json(v)));
    } else if (versions.isEmpty()) {
      printer().note("no models; `dinoflow promote MODEL CHECKPOINT --why TEXT` makes one");
    } else {
      lines(versions, Instant.now()).forEach(printer()::line);
    }
    return ExitCode.OK;
  }

  private ExitCode show(ModelRegistry registry) {
    List<ModelVersion> versions = registry.versions(model);
    if (versions.isEmpty()) {
      List<String> names =
          registry.versions().stream().map(ModelVersion::model).distinct().toList();
      throw CliFailure.notFound(
          "no model " + model,
          "the registry has "
              + (names.isEmpty() ? "none" : String.join(", ", names))
              + NearestName.of(model, names)
                  .map(near -> "; did you mean \"" + near + "\"?")
                  .orElse(""),
          "`dinoflow models` lists them");
    }
    List<Promotion> history = registry.history(model);
    if (asJson()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("model", model);
      facts.put("versions", versions.stream().map(ModelsCommand::json).toList());
      facts.put("history", history.stream().map(ModelsCommand::json).toList());
      printer().json(facts);
    } else {
      lines(versions, Instant.now()).forEach(printer()::line);
      printer().line("");
      history(history, Instant.now()).forEach(printer()::line);
    }
    return ExitCode.OK;
  }

  static List<String> lines(List<ModelVersion> versions, Instant now) {
    Table table =
        new Table()
            .left("MODEL")
            .right("VERSION")
            .left("ALIASES")
            .left("TRACK")
            .right("STEP")
            .left("CHECKPOINT")
            .left("REGISTERED");
    for (ModelVersion version : versions) {
      table.row(
          version.model(),
          Integer.toString(version.version()),
          String.join(", ", version.aliases()),
          version.checkpoint().track().toString(),
          Quantities.count(version.checkpoint().step()),
          version.checkpoint().id().shortForm(),
          Quantities.ago(version.registeredAt(), now));
    }
    return table.lines();
  }

  static List<String> history(List<Promotion> history, Instant now) {
    List<String> lines = new ArrayList<>();
    for (Promotion move : history) {
      lines.add(
          " %s: %s %s version %d%s, by %s: %s"
              .formatted(
                  Quantities.ago(move.at(), now),
                  move.alias(),
                  move.kind() == Promotion.Kind.PROMOTED ? "moved to" : "rolled back to",
                  move.version(),
                  move.replaced().map(" from version %d"::formatted).orElse(""),
                  move.decision().who(),
                  move.decision().why()));
    }
    return lines;
  }

  static Map<String, Object> json(ModelVersion version) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", version.model());
    facts.put("version", version.version());
    facts.put("aliases", version.aliases());
    facts.put("checkpoint", version.checkpoint().id().hex());
    facts.put("track", version.checkpoint().track().toString());
    facts.put("step", version.checkpoint().step());
    facts.put("evaluation", version.evaluation());
    facts.put("registeredAt", version.registeredAt());
    return facts;
  }

  static Map<String, Object> json(Promotion move) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", move.model());
    facts.put("alias", move.alias());
    facts.put("kind", move.kind().name().toLowerCase(Locale.ROOT));
    facts.put("version", move.version());
    facts.put("replaced", move.replaced());
    facts.put("who", move.decision().who());
    facts.put("why", move.decision().why());
    facts.put("numbers", move.decision().numbers());
    facts.put("at", move.at());
    return facts;
  }

  /** Whose name a decision bears. */
  static String user(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("DINOFLOW_USER"))
        .filter(name -> !name.isBlank())
        .orElseGet(() -> System.getProperty("user.name", "unknown"));
  }
}
