package io.dinoflow.ops.cli;

import io.dinoflow.activity.hub.ImportedModels;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.hub.ForeignModel;
import io.dinoflow.model.hub.HubDirectory;
import io.dinoflow.model.hub.OfficialFile;
import io.dinoflow.model.kernel.KernelArchive;
import io.dinoflow.model.recipe.ComputeRecipe;
import io.dinoflow.ops.Build;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code import hf|official}: models that came from elsewhere become checkpoints. */
final class ImportCommands {
  private static final String NAME = "[a-z0-9][a-z0-9_-]{0,39}";

  private ImportCommands() {}

  static CommandLine all() {
    return new CommandLine(new Group())
        .addSubcommand(new HuggingFace())
        .addSubcommand(new Official());
  }

  @CommandLine.Command(
      name = "import",
      description = "Take a model from elsewhere in as a checkpoint with lineage.")
  private static final class Group extends CommandGroup {}

  /** What both ways have in common. */
  private abstract static class Importing extends Command {
    @Option(
        names = "--name",
        paramLabel = "NAME",
        description = {
          "What recipes call it (1 to 40 of a-z 0-9 _ -; default: after its file or folder).",
          "The same model under the same name is imported once; a name stays with its model."
        })
    private Optional<String> name = Optional.empty();

    abstract Path source();

    abstract ForeignModel read();

    @Override
    protected final ExitCode run() throws Exception {
      String own = name.orElseGet(() -> plain(source()));
      if (!own.matches(NAME)) {
        throw CliFailure.usage(
            "\"" + own + "\" is no name for a model",
            "it must be 1 to 40 of a-z 0-9 _ -, starting with a letter or digit",
            "give one with --name");
      }
      ForeignModel model = read();
      try (Services services = services();
          Scratch.Folder scratch =
              Scratch.under(home().scratch().resolve("cli")).folder("import")) {
        ImportedModels models =
            new ImportedModels(services.lineage(), services.checkpoints(), services.artifacts());
        Build build = Build.current();
        Machine machine =
            Machine.here(build.engine(), KernelArchive.digest().hex(), build.version());
        ImportedModels.Imported imported =
            models.register(
                model,
                own,
                scratch.path(),
                machine.environment(new ComputeRecipe(1, ComputeRecipe.NumberFormat.fp32, "cpu")));
        print(own, imported);
      }
      return ExitCode.OK;
    }

    private void print(String own, ImportedModels.Imported imported) {
      Map<String, String> facts = new LinkedHashMap<>();
      facts.put("name", own);
      facts.put("checkpoint", imported.checkpoint().id().hex());
      facts.put("run", imported.run().value());
      facts.put("track", imported.checkpoint().track().toString());
      Answers.print(
          printer(),
          asJson(),
          facts,
          "imported %s as checkpoint %s of %s"
              .formatted(
                  own, imported.checkpoint().id().shortForm(), imported.checkpoint().track()));
    }

    /** A file's or folder's name as one of ours. */
    private static String plain(Path source) {
      Path file = source.toAbsolutePath().normalize().getFileName();
      String stem = (file == null ? "" : file.toString()).replaceFirst("\\.safetensors$", "");
      String plain =
          stem.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]+", "-").replaceFirst("^[-_]+", "");
      return plain.substring(0, Math.min(plain.length(), 40));
    }
  }

  /** A Hugging Face directory. */
  @CommandLine.Command(
      name = "hf",
      description = {
        "Import a Hugging Face directory of a DINOv3 ViT or ConvNeXt: config.json,",
        "preprocessor_config.json where there is one, and model.safetensors or its shards.",
        "Settings that cannot be honoured are refused by name."
      })
  static final class HuggingFace extends Importing {
    @Parameters(index = "0", paramLabel = "DIR", description = "The directory.")
    private Path folder = Path.of("");

    @Override
    Path source() {
      return folder;
    }

    @Override
    ForeignModel read() {
      return HubDirectory.read(folder);
    }
  }

  /** A file with official names. */
  @CommandLine.Command(
      name = "official",
      description = "Import a safetensors file with the official DINOv3 names of a backbone.")
  static final class Official extends Importing {
    @Parameters(index = "0", paramLabel = "FILE", description = "The file.")
    private Path file = Path.of("");

    @Option(
        names = "--arch",
        required = true,
        paramLabel = "NAME",
        description =
            "Its architecture: vits16, vits16plus, vitb16, vitl16, vith16plus, vit7b16,"
                + " convnext_tiny, convnext_small, convnext_base or convnext_large.")
    private String arch = "";

    @Override
    Path source() {
      return file;
    }

    @Override
    ForeignModel read() {
      return OfficialFile.read(file, arch);
    }
  }
}
