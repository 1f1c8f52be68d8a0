package io.dinoflow.ops.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.run.RunPreview;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.Stack;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.workflow.api.PipelineResult;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Submits a recipe as a run, or comes back to one. */
@CommandLine.Command(
    name = "run",
    description = "Run a recipe (a shipped name or a file), or come back to a run with --attach.")
final class RunCommand extends Command {
  private static final SecureRandom RANDOM = new SecureRandom();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RECIPE",
      description = "Name of a shipped recipe (`dinoflow recipe list`), or a YAML or JSON file.")
  private Optional<String> recipe = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a field, such as pretrain.steps=2000; may be repeated.")
  private List<String> settings = List.of();

  @Option(
      names = "--data",
      paramLabel = "D",
      description = "auto, shapes, emoji, cifar10, a folder, a tar, or a registered dataset.")
  private Optional<String> data = Optional.empty();

  @Option(names = "--id", paramLabel = "ID", description = "The run's id (default: RECIPE-random).")
  private Optional<String> id = Optional.empty();

  @Option(
      names = "--attach",
      paramLabel = "RUN",
      description = "Follow this run; one that failed or was cancelled goes on.")
  private Optional<String> attach = Optional.empty();

  @Option(names = "--follow", description = "Show the run until it ends.")
  private boolean follow;

  @Option(names = "--dry-run", description = "Print what would be done, start nothing.")
  private boolean dryRun;

  @Option(names = "--no-reuse", description = "Run every stage, even if its result is there.")
  private boolean noReuse;

  @Option(
      names = "--profile",
      paramLabel = "N",
      description =
          "Record the first N steps of each training stage: a table in `show`, a Chrome trace in"
              + " the home's folder profiles.")
  private Optional<Integer> profile = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    if (attach.isPresent()) {
      return comeBack(Ids.run(attach.get()));
    }
    RunRequest request = requested().profiling(profile);
    if (dryRun) {
      return preview(request);
    }
    RunId run = Ids.run(id.orElseGet(() -> request.recipeName() + "-" + random()));
    try (Services services = services()) {
      RunClient client = new RunClient(services.workflows());
      try {
        client.start(run, request.json(), "recipe " + request.recipeName());
      } catch (WorkflowExecutionAlreadyStarted e) {
        throw new CliFailure(
            ExitCode.CONFLICT,
            "run " + run + " cannot be started",
            "a run with this id goes on right now",
            "`dinoflow run --attach %s` follows it; or choose another --id".formatted(run));
      }
      return report(run, client, services);
    }
  }

  private RunRequest requested() {
    return RunRequest.of(
        recipe.orElseThrow(
            () ->
                CliFailure.usage(
                    "nothing to run", "no recipe was named", "`dinoflow recipe list`")),
        settings,
        data,
        noReuse ? RunRequest.Reuse.NEVER : RunRequest.Reuse.ALLOWED);
  }

  /** Looks, and starts nothing: neither a run nor a service. */
  private ExitCode preview(RunRequest request) {
    RunPreview preview =
        RequestedRecipe.of(request, Ids.run(id.orElse(request.recipeName() + "-preview")));
    String digest = RecipeFormat.digest(preview.recipe()).hex();
    Optional<OpsConfig> running = Stack.of(home(), environment()).running();
    Optional<Map<String, RunPreview.Reusable>> reusable = Optional.empty();
    if (running.isPresent()) {
      try (Services services = Services.open(running.get())) {
        reusable = Optional.of(preview.reusable(services.lineage()));
      }
    }
    DryRun plan = DryRun.of(preview, digest, reusable);
    if (asJson()) {
      printer().json(plan.json());
    } else {
      plan.lines().forEach(printer()::line);
    }
    return ExitCode.OK;
  }

  /** Eight hexadecimal digits: enough that two runs of a home never meet. */
  static String random() {
    return HexFormat.of().toHexDigits(RANDOM.nextInt());
  }

  private ExitCode comeBack(RunId run) throws Exception {
    try (Services services = services()) {
      RunClient client = new RunClient(services.workflows());
      RunRow row =
          services
              .lineage()
              .run(run)
              .orElseThrow(
                  () ->
                      CliFailure.notFound(
                          "no run " + run,
                          "nothing with this id was ever opened in " + home(),
                          "`dinoflow runs` lists the runs"));
      if (row.state() != RunState.DONE) {
        client.ensureRunning(run, restart(row), "recipe " + row.recipeName());
      }
      follow = true;
      return report(run, client, services);
    }
  }

  /** The stored recipe, whole: what a run was opened with is what it goes on with. */
  static JsonNode restart(RunRow row) throws Exception {
    ObjectMapper json = new ObjectMapper();
    return json.createObjectNode().set("recipe", json.readTree(row.recipeJson()));
  }

  private ExitCode report(RunId run, RunClient client, Services services) throws IOException {
    Printer printer = printer();
    FollowedRun followed = new FollowedRun(run, client, services, printer, this::screen);
    if (!follow) {
      if (asJson()) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("run", run.value());
        facts.put("state", "running");
        printer.json(facts);
      } else {
        printer.line(run.value());
        printer.note("running; `dinoflow run --attach " + run + "` follows it");
      }
      return ExitCode.OK;
    }
    followed.announce("run");
    Optional<PipelineResult> result = followed.untilDone();
    if (result.isPresent()) {
      followed.tell(result.get(), asJson());
    }
    return ExitCode.OK;
  }
}
