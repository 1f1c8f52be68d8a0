package io.dinoflow.ops.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.run.Fork;
import io.dinoflow.activity.run.Forks;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.workflow.api.PipelineResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A new run from an old checkpoint. */
@CommandLine.Command(
    name = "fork",
    description = {
      "Begin a new run with an old checkpoint: what came before it is taken over, its stage is"
          + " trained on from there with the overrides, and what follows is run.",
      "With --stage, begin that later stage with the checkpoint instead."
    })
final class ForkCommand extends Command {
  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description =
          "The first 8 digits or more of its id; or RUN/STAGE or RUN/STAGE/STUDENT, the newest.")
  private String reference = "";

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a field, such as pretrain.steps=2000; may be repeated.")
  private List<String> settings = List.of();

  @Option(
      names = "--stage",
      paramLabel = "STAGE",
      description = "A stage that starts from the checkpoint's stage; begin with this one.")
  private Optional<String> stage = Optional.empty();

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The new run's id (default: OLD-fork-random).")
  private Optional<String> id = Optional.empty();

  @Option(names = "--follow", description = "Show the run until it ends.")
  private boolean follow;

  @Option(names = "--dry-run", description = "Print what would be done, start nothing.")
  private boolean dryRun;

  @Option(names = "--no-reuse", description = "Run every later stage, even if its result is there.")
  private boolean noReuse;

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      CheckpointRef from = References.checkpoint(services.lineage(), reference).ref();
      Forks forks = NewRuns.forks(services);
      Fork fork =
          NewRuns.accepted(
              () ->
                  stage.isPresent() && !stage.get().equals(from.track().stage())
                      ? forks.into(stage.get(), from, RunRequest.overrides(settings))
                      : forks.within(from, RunRequest.overrides(settings)));
      RunId run =
          id.map(Ids::run)
              .orElseGet(() -> NewRuns.id(from.track().run(), "-fork-" + RunCommand.random()));
      if (dryRun) {
        tell(fork, from, run, "would begin");
        return ExitCode.OK;
      }
      NewRuns.begin(services, fork, run);
      RunClient client = new RunClient(services.workflows());
      client.ensureRunning(run, request(fork), "fork of " + from.track() + "@" + from.step());
      if (!follow) {
        tell(fork, from, run, "began");
        return ExitCode.OK;
      }
      FollowedRun followed = new FollowedRun(run, client, services, printer(), this::screen);
      followed.announce("fork");
      Optional<PipelineResult> result = followed.untilDone();
      if (result.isPresent()) {
        followed.tell(result.get(), asJson());
      }
      return ExitCode.OK;
    }
  }

  private ObjectNode request(Fork fork) throws Exception {
    ObjectMapper json = new ObjectMapper();
    ObjectNode request = json.createObjectNode();
    request.set("recipe", json.readTree(fork.canonicalJson()));
    if (noReuse) {
      request.put("reuse", false);
    }
    return request;
  }

  private void tell(Fork fork, CheckpointRef from, RunId run, String verb) {
    List<String> taken = fork.takenOver().stream().map(result -> result.stage()).toList();
    if (asJson()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("run", run.value());
      facts.put("from", from.id().hex());
      facts.put("stage", fork.stage().name());
      facts.put("firstStep", fork.firstStep());
      facts.put("lastStep", fork.stage().lastStep());
      facts.put("takenOver", taken);
      facts.put("started", !dryRun);
      printer().json(facts);
      return;
    }
    printer().line(run.value());
    printer()
        .note(
            "%s with %s of %s: stage %s from step %s to %s; taken over: %s"
                .formatted(
                    verb,
                    from.id().shortForm(),
                    from.track(),
                    fork.stage().name(),
                    Quantities.count(fork.firstStep()),
                    Quantities.count(fork.stage().lastStep()),
                    taken.isEmpty() ? "nothing" : String.join(", ", taken)));
    if (!dryRun) {
      printer().note("`dinoflow run --attach " + run + "` follows it");
    }
  }
}
