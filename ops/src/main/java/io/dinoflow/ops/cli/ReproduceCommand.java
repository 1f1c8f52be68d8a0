package io.dinoflow.ops.cli;

import io.dinoflow.activity.run.Fork;
import io.dinoflow.activity.run.Forks;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.kernel.KernelArchive;
import io.dinoflow.ops.Build;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.EndReason;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.workflow.activity.StageResult;
import io.temporal.client.WorkflowFailedException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a checkpoint once more and compares the states. */
@CommandLine.Command(
    name = "reproduce",
    description = {
      "Train a checkpoint again, in a run of its own and without reuse, from the nearest checkpoint"
          + " before it whose bytes are kept (else from what its stage began with), and say whether"
          + " the state is the same to the last bit.",
      "Exit code 0 where it is, 1 where it is not, 5 where this machine computes otherwise than the"
          + " one that made it."
    })
final class ReproduceCommand extends Command {
  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description =
          "The first 8 digits or more of its id; or RUN/STAGE or RUN/STAGE/STUDENT, the newest.")
  private String reference = "";

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The new run's id (default: OLD-again-random).")
  private Optional<String> id = Optional.empty();

  @Option(
      names = "--anyway",
      description = "Train also where this machine is known to compute otherwise.")
  private boolean anyway;

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      LineageStore lineage = services.lineage();
      CheckpointRow wanted = original(lineage, References.checkpoint(lineage, reference));
      Forks forks = NewRuns.forks(services);
      Fork fork = NewRuns.accepted(() -> forks.again(wanted));
      List<String> differences =
          Reproduction.differences(environment(services, wanted), here(fork));
      if (!differences.isEmpty() && !anyway) {
        Reproduction refused = Reproduction.notTried(wanted.ref(), differences);
        return tell(refused);
      }
      RunId run =
          id.map(Ids::run)
              .orElseGet(
                  () -> NewRuns.id(wanted.ref().track().run(), "-again-" + RunCommand.random()));
      NewRuns.begin(services, fork, run);
      CheckpointRef made = train(services, fork, run, wanted.ref());
      return tell(
          new Reproduction(
              wanted.ref(), Optional.of(run), fork.firstStep(), Optional.of(made), differences));
    }
  }

  private ExitCode tell(Reproduction reproduction) {
    if (asJson()) {
      printer().json(reproduction.json());
    } else {
      reproduction.lines().forEach(printer()::line);
    }
    return reproduction.code();
  }

  /** What a fork begins with is a copy: the one to train again is what it was copied from. */
  private CheckpointRow original(LineageStore lineage, CheckpointRow asked) {
    CheckpointRow wanted = asked;
    while (wanted.parent().isEmpty()) {
      Sha256 id = wanted.ref().id();
      Optional<CheckpointRow> copied =
          lineage.ancestry(id, Ancestry.Direction.UP, 1, 1000).edges().stream()
              .filter(edge -> edge.kind() == EdgeKind.PARENT && edge.from().equals(id))
              .findFirst()
              .flatMap(edge -> lineage.checkpoint(edge.to()));
      if (copied.isEmpty()) {
        break;
      }
      wanted = copied.get();
      printer()
          .note(
              "it was copied from %s of %s when run %s was forked: training that again"
                  .formatted(
                      wanted.ref().id().shortForm(),
                      wanted.ref().track(),
                      asked.ref().track().run()));
    }
    return wanted;
  }

  /** Its own, or that of the nearest of its track, where its bytes are gone. */
  private static Optional<Environment> environment(Services services, CheckpointRow wanted) {
    return services.lineage().checkpoints(wanted.ref().track()).stream()
        .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
        .map(CheckpointRow::ref)
        .min(Comparator.comparingLong(ref -> Math.abs(ref.step() - wanted.ref().step())))
        .map(ref -> services.checkpoints().manifest(ref.id()).environment());
  }

  private static Environment here(Fork fork) {
    Build build = Build.current();
    return Machine.here(build.engine(), KernelArchive.digest().hex(), build.version())
        .environment(fork.recipe().compute());
  }

  private CheckpointRef train(Services services, Fork fork, RunId run, CheckpointRef wanted) {
    printer()
        .note(
            "run %s trains %s again from step %s to %s"
                .formatted(
                    run,
                    wanted.track(),
                    Quantities.count(fork.firstStep()),
                    Quantities.count(wanted.step())));
    try {
      StageResult result =
          new RunClient(services.workflows())
              .stage(
                  NewRuns.forkedRuns(services).alone(fork, run),
                  "reproduces " + wanted.id().shortForm());
      services.lineage().closeRun(run, RunState.DONE, "");
      TrackId track = wanted.track();
      return result.checkpoint(track.student());
    } catch (WorkflowFailedException e) {
      String why = EndReason.of(e);
      services.lineage().closeRun(run, RunState.FAILED, why);
      throw new CliFailure(
          ExitCode.RUN_FAILED,
          "run " + run + " failed",
          why,
          "remove the cause, then reproduce again");
    }
  }
}
