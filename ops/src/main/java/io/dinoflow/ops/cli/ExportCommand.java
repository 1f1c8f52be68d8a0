package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.hub.HubExport;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a checkpoint's EMA teacher as a directory that others load as it is. */
@CommandLine.Command(
    name = "export",
    description = {
      "Write a checkpoint's EMA teacher as a Hugging Face directory: config.json,",
      "model.safetensors, preprocessor_config.json, dinoflow.json and a model card from lineage.",
      "transformers loads it as it is. A folder that holds anything but a former export of the",
      "same checkpoint is left alone."
    })
final class ExportCommand extends Command {

  /** Ways to write a model. */
  enum Format {
    HF
  }

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description =
          "The first 8 digits or more of its id, or RUN/STAGE or RUN/STAGE/STUDENT for its last.")
  private String reference = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where to write it (default: a folder here, called after run and stage).")
  private Optional<Path> given = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "hf",
      defaultValue = "hf",
      description = "The directory's layout (default: ${DEFAULT-VALUE}, the only one).")
  private Format format = Format.HF;

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services();
        Scratch.Folder scratch = Scratch.under(home().scratch().resolve("cli")).folder("export")) {
      StoredModel model = StoredModel.find(services, reference);
      Path folder =
          given.orElseGet(
              () -> Path.of(model.checkpoint().track().toString().replaceAll("[/:]", "-")));
      ModelFacts facts = ModelFacts.of(services, model, scratch);
      BlobFile written =
          HubExport.write(
              new HubExport.Model(
                  model.tower().backbone(),
                  model.preprocessing(),
                  model.weights(services, scratch.path()),
                  model.checkpoint().id().hex(),
                  facts(model, facts),
                  ModelCard.text(model, facts)),
              folder);
      Map<String, String> answer = new LinkedHashMap<>();
      answer.put("checkpoint", model.checkpoint().id().hex());
      answer.put("format", format.name().toLowerCase(java.util.Locale.ROOT));
      answer.put("folder", folder.toAbsolutePath().normalize().toString());
      answer.put("weights", written.sha256().hex());
      Answers.print(
          printer(),
          asJson(),
          answer,
          "exported %s of %s to %s (%s)"
              .formatted(
                  model.checkpoint().id().shortForm(),
                  model.checkpoint().track(),
                  folder,
                  Quantities.bytes(written.bytes())));
    }
    return ExitCode.OK;
  }

  private static Map<String, String> facts(StoredModel model, ModelFacts facts) {
    Map<String, String> all = new TreeMap<>();
    all.put("state_digest", model.checkpoint().stateDigest().hex());
    all.put("track", model.checkpoint().track().toString());
    all.put("step", Long.toString(model.checkpoint().step()));
    all.put("recipe", model.run().recipeName());
    all.put("recipe_digest", model.run().recipeDigest().hex());
    all.put("code_version", facts.environment().codeVersion());
    return all;
  }
}
