package io.dinoflow.ops.cli;

import io.dinoflow.activity.ingest.LocalPictures;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.embed.Embedder;
import io.dinoflow.model.hub.HubDirectory;
import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.NativeCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Features of pictures by any model, stored here or lying in a folder. */
@CommandLine.Command(
    name = "embed",
    description = {
      "Write the features of pictures: cls (N, D), patches (N, P, D) and storage (N, S, D), fp32,",
      "after the final norm. The file's metadata names the rows (keys, a JSON list).",
      "Pictures pass through what preprocessor_config.json of the model says, or would say once",
      "exported: bilinear to a square, mean and deviation.",
      "A picture that cannot be decoded is named on standard error and left out; all others are",
      "written, and the exit code is 1."
    })
final class EmbedCommand extends Command {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "CHECKPOINT|DIR",
      description =
          "A checkpoint (id, RUN/STAGE or RUN/STAGE/STUDENT), or a Hugging Face directory, for"
              + " which no service is needed.")
  private String model = "";

  @ArgGroup(multiplicity = "1")
  private Input input = new Input();

  /** What is embedded. */
  static final class Input {
    @Option(
        names = "--images",
        paramLabel = "DIR|TAR",
        description = "Pictures in a folder or tar.")
    private Optional<Path> images = Optional.empty();

    @Option(
        names = "--raw",
        paramLabel = "FILE",
        description = "Ready pixels: safetensors with one tensor pixel_values (N, 3, H, W), F32.")
    private Optional<Path> raw = Optional.empty();
  }

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The safetensors file to write.")
  private Path out = Path.of("");

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "32",
      description = "Pictures of one forward (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "Side of the square (default: the model's).")
  private Optional<Integer> imageSize = Optional.empty();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one tensor operation (default: the cores).")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--precision",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description =
          "Format of matrix products; features are written in fp32 (default: ${DEFAULT-VALUE}).")
  private NumberFormat precision = NumberFormat.fp32;

  @Option(names = "--device", paramLabel = DeviceOption.LABEL, description = DeviceOption.WORDS)
  private String device = "auto";

  @Override
  protected ExitCode run() throws Exception {
    int batch = Limits.positive("--batch-size", batchSize);
    int cores =
        Limits.positive(
            "--threads", threads.orElseGet(() -> Runtime.getRuntime().availableProcessors()));
    NativeCode.prepare(environment());
    Path target = out.toAbsolutePath().normalize();
    try (Scratch.Folder scratch = Scratch.under(home().scratch().resolve("cli")).folder("embed")) {
      Embedder.Model loaded = load(scratch.path());
      Map<String, String> notes = new LinkedHashMap<>();
      notes.put("model", model);
      Embedder.Settings settings =
          new Embedder.Settings(
              batch,
              DeviceOption.of(device),
              cores,
              Precision.of(precision),
              scratch.path(),
              notes,
              this::progress);
      try (Embedder embedder = Embedder.of(loaded, settings)) {
        return answer(embed(embedder, target), target);
      }
    }
  }

  private Embedder.Model load(Path scratch) throws Exception {
    Path folder = Path.of(model);
    if (HubDirectory.is(folder)) {
      return sized(Embedder.Model.of(folder, scratch.resolve("weights.safetensors")));
    }
    if (Files.isDirectory(folder)) {
      throw CliFailure.usage(
          model + " is no model", "the folder has no config.json", "name one that has");
    }
    try (Services services = services()) {
      StoredModel stored = StoredModel.find(services, model);
      return sized(
          new Embedder.Model(
              stored.tower().backbone(),
              stored.preprocessing(),
              stored.weights(services, scratch)));
    }
  }

  private Embedder.Model sized(Embedder.Model own) {
    return imageSize.map(side -> own.withSide(Limits.positive("--image-size", side))).orElse(own);
  }

  private Embedder.Outcome embed(Embedder embedder, Path target) throws Exception {
    try {
      return input.raw.isPresent()
          ? embedder.raw(input.raw.get(), target)
          : embedder.pictures(LocalPictures.at(input.images.orElseThrow()), target);
    } catch (IllegalArgumentException e) {
      throw CliFailure.usage(
          "these pictures cannot be embedded",
          String.valueOf(e.getMessage()),
          "`dinoflow embed --help` says what is possible");
    }
  }

  private void progress(long done) {
    if (onTerminal()) {
      printer().note("%s pictures".formatted(Quantities.count(done)));
    }
  }

  private ExitCode answer(Embedder.Outcome outcome, Path target) {
    for (Embedder.LeftOut picture : outcome.leftOut()) {
      printer().note("left out %s: %s".formatted(picture.name(), picture.reason()));
    }
    if (outcome.rows() == 0) {
      throw new CliFailure(
          ExitCode.RUN_FAILED,
          "nothing was embedded",
          outcome.leftOut().isEmpty()
              ? "there is no picture; JPEG, PNG, GIF and BMP are read"
              : "no picture could be decoded",
          "name a folder or tar with pictures");
    }
    if (asJson()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("file", target.toString());
      facts.put("rows", outcome.rows());
      facts.put("leftOut", outcome.leftOut());
      printer().json(facts);
    } else {
      printer().line("%s rows in %s".formatted(Quantities.count(outcome.rows()), target));
    }
    return outcome.leftOut().isEmpty() ? ExitCode.OK : ExitCode.RUN_FAILED;
  }
}
