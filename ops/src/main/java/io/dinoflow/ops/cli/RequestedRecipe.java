package io.dinoflow.ops.cli;

import io.dinoflow.activity.run.CatalogRecipes;
import io.dinoflow.activity.run.RunPreview;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.kernel.KernelArchive;
import io.dinoflow.ops.Build;
import io.dinoflow.ops.ShippedRecipes;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.temporal.failure.ApplicationFailure;
import java.util.stream.Collectors;

/** Reads a request here as strictly as the run would, so that a typing error costs no run. */
final class RequestedRecipe {
  private RequestedRecipe() {}

  /** What the run would do; all problems in one failure. */
  static RunPreview of(RunRequest request, RunId run) {
    Build build = Build.current();
    Machine machine = Machine.here(build.engine(), KernelArchive.digest().hex(), build.version());
    try {
      return RunPreview.of(
          new OpenRequest(run.value(), request.json()),
          new CatalogRecipes(new ShippedRecipes()),
          machine);
    } catch (ApplicationFailure e) {
      throw CliFailure.usage(
          "recipe " + request.recipeName() + " cannot be run",
          e.getOriginalMessage().lines().skip(1).collect(Collectors.joining("\n       ")),
          "`dinoflow recipe list` shows the shipped recipes, `dinoflow recipe print NAME` one of"
              + " them");
    }
  }
}
