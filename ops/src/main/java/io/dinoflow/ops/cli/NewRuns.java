package io.dinoflow.ops.cli;

import io.dinoflow.activity.run.CatalogRecipes;
import io.dinoflow.activity.run.Fork;
import io.dinoflow.activity.run.ForkedRuns;
import io.dinoflow.activity.run.Forks;
import io.dinoflow.activity.run.RecipeReader;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.ShippedRecipes;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** What commands share that begin a run in the middle of another. */
final class NewRuns {
  private static final int ID_CHARS_MAX = 120;

  private NewRuns() {}

  static Forks forks(Services services) {
    return new Forks(
        services.artifacts(), services.lineage(), new CatalogRecipes(new ShippedRecipes()));
  }

  static ForkedRuns forkedRuns(Services services) {
    return new ForkedRuns(services.checkpoints(), services.artifacts(), services.lineage());
  }

  /** The old id, cut where the new one would be too long. */
  static RunId id(RunId old, String end) {
    String begin = old.value();
    return new RunId(
        begin.substring(0, Math.min(begin.length(), ID_CHARS_MAX - end.length())) + end);
  }

  /** A plan, or a usage failure with every problem. */
  static Fork accepted(Supplier<Fork> plan) {
    try {
      return plan.get();
    } catch (Fork.RefusedException e) {
      throw refused(e.problems());
    } catch (RecipeReader.RecipeProblems e) {
      throw refused(e.problems());
    }
  }

  private static CliFailure refused(List<String> problems) {
    return CliFailure.usage(
        "no run can begin so",
        String.join("\n       ", problems),
        "`dinoflow checkpoints RUN` lists what can be begun with, `dinoflow recipe print NAME` shows"
            + " what can be set");
  }

  /**
   * Opens the run and commits what it begins with; what is on its way lies in the scratch folder.
   */
  static void begin(Services services, Fork fork, RunId run) throws IOException {
    try (Scratch.Folder folder =
        Scratch.under(services.config().home().scratch().resolve("cli")).folder("fork")) {
      forkedRuns(services).begin(fork, run, folder.path());
    } catch (Fork.RefusedException e) {
      throw new CliFailure(
          ExitCode.CONFLICT,
          "run " + run + " cannot be begun",
          String.join("; ", e.problems()),
          "choose another --id");
    } catch (UnknownIdException e) {
      throw CliFailure.notFound(
          "run " + run + " cannot be begun",
          String.valueOf(e.getMessage()),
          "the collector let it go a moment ago: choose another checkpoint");
    }
  }
}
