package io.dinoflow.ops.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.workflow.Payloads;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers a firing that asks. */
@CommandLine.Command(
    name = "decide",
    description = "Say whether a run's challenger takes the champion's place.")
final class ScheduleDecideCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run that trained it.")
  private String run = "";

  @ArgGroup(multiplicity = "1")
  private Verdict verdict = new Verdict();

  /** Exactly one of the two. */
  static final class Verdict {
    @Option(names = "--approve", description = "It is promoted.")
    private boolean approve;

    @Option(names = "--reject", description = "The champion stays.")
    private boolean reject;
  }

  @Option(names = "--why", required = true, paramLabel = "TEXT", description = "The reason.")
  private String why = "";

  @Override
  protected ExitCode run() throws Exception {
    RunId id = Ids.run(run);
    try (Services services = services()) {
      Firing firing =
          services
              .firings()
              .startedBy(id)
              .orElseThrow(
                  () ->
                      CliFailure.notFound(
                          "no schedule retrained with run " + id,
                          "nothing was asked about it",
                          "`dinoflow schedule list`, then `dinoflow why SCHEDULE` show what asks"));
      refuseWhatIsSettled(firing);
      ObjectNode answer = Payloads.mapper().createObjectNode();
      answer.put("verdict", verdict.approve ? "approve" : "reject");
      answer.put("why", why);
      answer.put("who", ModelsCommand.user(environment()));
      String said =
          services
              .workflows()
              .newUntypedWorkflowStub(firing.workflow())
              .update("decide", String.class, answer);
      Answers.print(
          printer(),
          asJson(),
          Map.of("run", id.value(), "answer", said),
          "%s: %s; `dinoflow why %s` has the record".formatted(id, said, id));
      return ExitCode.OK;
    }
  }

  /** One that is not judged yet its workflow refuses. */
  private static void refuseWhatIsSettled(Firing firing) {
    if (firing.outcome().isSettled()) {
      throw new CliFailure(
          ExitCode.CONFLICT,
          "nothing is asked about run " + firing.run() + " any more",
          "it was settled: " + firing.reason(),
          "`dinoflow promote` and `dinoflow rollback` change what serves");
    }
  }
}
