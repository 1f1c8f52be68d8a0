package io.dinoflow.ops.cli;

import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.model.recipe.io.Problem;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.recipe.io.RecipeProblemsException;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.ShippedRecipes;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code recipe list|print|validate|import}; none of them needs a service. */
final class RecipeCommands {
  private RecipeCommands() {}

  static CommandLine all() {
    return new CommandLine(new Group())
        .addSubcommand(new ListAll())
        .addSubcommand(new Print())
        .addSubcommand(new Validate())
        .addSubcommand(new RecipeImport());
  }

  @CommandLine.Command(name = "recipe", description = "Look at recipes, and check your own.")
  private static final class Group extends CommandGroup {}

  /** Lists the shipped recipes. */
  @CommandLine.Command(name = "list", description = "List the recipes that come with dinoflow.")
  static final class ListAll extends Command {
    @Override
    protected ExitCode run() {
      ShippedRecipes shipped = new ShippedRecipes();
      Table table = new Table().left("RECIPE").left("STAGES").left("");
      for (String name : shipped.names()) {
        PipelineRecipe recipe = shipped.find(name).orElseThrow();
        List<String> stages = recipe.stages().stream().map(StageRecipe::name).toList();
        if (asJson()) {
          Map<String, Object> facts = new LinkedHashMap<>();
          facts.put("recipe", name);
          facts.put("description", recipe.description());
          facts.put("stages", stages);
          facts.put("digest", RecipeFormat.digest(recipe).hex());
          printer().json(facts);
        } else {
          table.row(name, String.join(" ", stages), recipe.description());
        }
      }
      table.lines().forEach(printer()::line);
      return ExitCode.OK;
    }
  }

  /** Prints one. */
  @CommandLine.Command(
      name = "print",
      description = "Print a recipe as it was written; with --json or --all, with every default.")
  static final class Print extends Command {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of a shipped recipe.")
    private String name = "";

    @Option(names = "--all", description = "With every default written out, as one JSON value.")
    private boolean all;

    @Override
    protected ExitCode run() {
      ShippedRecipes shipped = new ShippedRecipes();
      String text =
          shipped
              .text(name)
              .orElseThrow(
                  () ->
                      CliFailure.notFound(
                          "no recipe " + name,
                          "there are "
                              + String.join(", ", shipped.names())
                              + NearestName.of(name, shipped.names())
                                  .map(near -> "; did you mean \"" + near + "\"?")
                                  .orElse(""),
                          "`dinoflow recipe list` lists them"));
      if (asJson() || all) {
        printer().line(RecipeFormat.canonicalJson(RecipeFormat.parse(text)));
      } else {
        text.lines().forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }

  /** Checks one. */
  @CommandLine.Command(
      name = "validate",
      description = "Check a recipe and name every problem of it; exits with 2 if there is one.")
  static final class Validate extends Command {
    @Parameters(index = "0", paramLabel = "FILE", description = "A YAML or JSON file.")
    private Path file = Path.of("");

    @Override
    protected ExitCode run() throws IOException {
      try {
        PipelineRecipe recipe = RecipeFormat.parse(text());
        Answers.print(
            printer(),
            asJson(),
            Map.of("recipe", recipe.name(), "digest", RecipeFormat.digest(recipe).hex()),
            "%s is right: recipe %s, %d stages, digest %s"
                .formatted(
                    file,
                    recipe.name(),
                    recipe.stages().size(),
                    RecipeFormat.digest(recipe).shortForm()));
        return ExitCode.OK;
      } catch (RecipeProblemsException e) {
        print(e.problems());
        return ExitCode.USAGE;
      }
    }

    private void print(List<Problem> problems) {
      if (asJson()) {
        problems.forEach(printer()::json);
        return;
      }
      problems.forEach(problem -> printer().line(problem.toString()));
      printer()
          .note(
              problems.size() == 1
                  ? file + " cannot be run, because of 1 problem"
                  : "%s cannot be run, because of %d problems".formatted(file, problems.size()));
    }

    private String text() throws IOException {
      try {
        return Files.readString(file);
      } catch (NoSuchFileException e) {
        throw CliFailure.notFound(
            "no recipe " + file,
            "there is no such file",
            "check the path, or `dinoflow recipe list`");
      } catch (CharacterCodingException e) {
        throw CliFailure.usage(
            "the recipe " + file + " cannot be read", "it is no text in UTF-8", "check the file");
      }
    }
  }
}
