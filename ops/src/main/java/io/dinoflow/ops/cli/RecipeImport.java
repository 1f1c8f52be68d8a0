package io.dinoflow.ops.cli;

import io.dinoflow.model.recipe.io.OfficialImport;
import io.dinoflow.model.recipe.io.OfficialKey;
import io.dinoflow.model.recipe.io.OfficialKey.Fate;
import io.dinoflow.model.recipe.io.OfficialKey.Origin;
import io.dinoflow.model.recipe.io.Problem;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.recipe.io.RecipeProblemsException;
import io.dinoflow.ops.ExitCode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code recipe import}: official DINOv3 configurations to a recipe; needs no service. */
@CommandLine.Command(
    name = "import",
    description = {
      "Turn official DINOv3 configurations into a recipe, each file a stage that goes on from the one before it.",
      "The recipe goes to standard output or --out; what became of every key goes to standard error."
    })
final class RecipeImport extends Command {
  /** No official configuration is near it. */
  private static final long BYTES_MAX = 1 << 20;

  @Parameters(
      index = "0..*",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Official configurations (YAML), in the order in which they were run.")
  private List<Path> files = List.of();

  @Option(
      names = "--gpus",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "GPUs of the official run: the batch is N times train.batch_size_per_gpu, and the learning rate is scaled to it (the 7B model: 256). Default: ${DEFAULT-VALUE}.")
  private int gpus;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the recipe (default: the last file's).")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the recipe there instead of to standard output; never over a file.")
  private Optional<Path> out = Optional.empty();

  @Override
  protected ExitCode run() throws IOException {
    Limits.positive("--gpus", gpus);
    List<OfficialImport.Source> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(new OfficialImport.Source(String.valueOf(file.getFileName()), text(file)));
    }
    OfficialImport.Result result;
    try {
      result = OfficialImport.of(name.orElseGet(this::nameOfLast), sources, gpus);
    } catch (RecipeProblemsException e) {
      print(e.problems());
      return ExitCode.USAGE;
    }
    if (out.isPresent()) {
      write(out.get(), result.yaml());
    }
    if (asJson()) {
      printer().json(json(result));
    } else {
      if (out.isEmpty()) {
        result.yaml().lines().forEach(printer()::line);
      }
      report(result);
    }
    return ExitCode.OK;
  }

  private String nameOfLast() {
    String file = String.valueOf(files.get(files.size() - 1).getFileName());
    String word =
        file.toLowerCase(Locale.ROOT).replaceAll("\\.ya?ml$", "").replaceAll("[^a-z0-9_-]", "-");
    String begun = word.replaceAll("^[_-]+", "");
    return begun.isEmpty() ? "imported" : begun.substring(0, Math.min(40, begun.length()));
  }

  private static String text(Path file) throws IOException {
    try {
      long bytes = Files.size(file);
      if (bytes > BYTES_MAX) {
        throw CliFailure.usage(
            "the configuration %s cannot be read".formatted(file),
            "it has %s, and at most %s are read"
                .formatted(Quantities.bytes(bytes), Quantities.bytes(BYTES_MAX)),
            "give an official configuration");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw CliFailure.notFound(
          "no configuration " + file, "there is no such file", "check the path");
    } catch (CharacterCodingException e) {
      throw CliFailure.usage(
          "the configuration " + file + " cannot be read",
          "it is no text in UTF-8",
          "check the file");
    }
  }

  private static void write(Path file, String yaml) throws IOException {
    try {
      Files.writeString(file, yaml, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw CliFailure.usage(
          "the recipe cannot be written to " + file,
          "there is a file already",
          "choose another --out, or move that file away");
    } catch (NoSuchFileException e) {
      throw CliFailure.usage(
          "the recipe cannot be written to " + file,
          "its folder is not there",
          "make the folder, or choose another --out");
    }
  }

  private void print(List<Problem> problems) {
    if (asJson()) {
      problems.forEach(printer()::json);
    } else {
      problems.forEach(problem -> printer().note(problem.toString()));
    }
  }

  /** What a person must know comes first: what is not as in the official run. */
  private void report(OfficialImport.Result result) {
    result.remarks().forEach(remark -> printer().note("note: " + remark));
    section("unknown", result.keys(), Fate.UNKNOWN);
    section("not honoured", result.keys(), Fate.NOT_HONOURED);
    section("mapped", result.keys(), Fate.MAPPED);
    section("nothing to do", result.keys(), Fate.SAME);
    printer()
        .note(
            "%d keys: %d mapped, %d need nothing, %d not honoured, %d unknown; * is an official default%s"
                .formatted(
                    result.keys().size(),
                    count(result.keys(), Fate.MAPPED),
                    count(result.keys(), Fate.SAME),
                    count(result.keys(), Fate.NOT_HONOURED),
                    count(result.keys(), Fate.UNKNOWN),
                    out.map(file -> "; the recipe is in " + file).orElse("")));
  }

  private static long count(List<OfficialKey> keys, Fate fate) {
    return keys.stream().filter(key -> key.fate() == fate).count();
  }

  private void section(String title, List<OfficialKey> keys, Fate fate) {
    Table table = new Table().left(title.toUpperCase(Locale.ROOT)).left("VALUE").left("");
    if (files.size() > 1) {
      table.left("FILE");
    }
    for (OfficialKey key : keys) {
      if (key.fate() != fate) {
        continue;
      }
      String remark = (fate == Fate.MAPPED ? "-> " : "") + key.remark();
      String value = key.value() + (key.origin() == Origin.DEFAULT ? " *" : "");
      if (files.size() > 1) {
        table.row(key.key(), value, remark, key.file());
      } else {
        table.row(key.key(), value, remark);
      }
    }
    if (count(keys, fate) > 0) {
      table.lines().forEach(printer()::note);
      printer().note("");
    }
  }

  private Map<String, Object> json(OfficialImport.Result result) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("recipe", result.recipe().name());
    facts.put("digest", RecipeFormat.digest(result.recipe()).hex());
    facts.put("out", out.map(Path::toString));
    facts.put("yaml", result.yaml());
    facts.put("remarks", result.remarks());
    List<Map<String, String>> keys = new ArrayList<>();
    for (OfficialKey key : result.keys()) {
      Map<String, String> row = new LinkedHashMap<>();
      row.put("file", key.file());
      row.put("key", key.key());
      row.put("value", key.value());
      row.put("origin", key.origin().name().toLowerCase(Locale.ROOT));
      row.put("fate", key.fate().name().toLowerCase(Locale.ROOT));
      row.put("remark", key.remark());
      keys.add(row);
    }
    facts.put("keys", keys);
    return facts;
  }
}
