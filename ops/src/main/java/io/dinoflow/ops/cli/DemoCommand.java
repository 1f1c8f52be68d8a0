package io.dinoflow.ops.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.workflow.api.PipelineResult;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * The whole chain on real images, from one command. Remembers its run in the home: again, it goes
 * on where it was interrupted, or says that it is done.
 */
@CommandLine.Command(
    name = "demo",
    description = "Take real images through the whole chain; again: go on where it stopped.")
final class DemoCommand extends Command {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--data",
      paramLabel = "D",
      description = "auto, shapes, emoji, cifar10, a folder or a tar (default: auto).")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a field of the recipe; may be repeated.")
  private List<String> settings = List.of();

  @Option(names = "--new", description = "Start a new demo run, whatever became of the last one.")
  private boolean fresh;

  @Option(
      names = "--profile",
      paramLabel = "N",
      description =
          "Record the first N steps of each training stage: a table in `show`, a Chrome trace in"
              + " the home's folder profiles.")
  private Optional<Integer> profile = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      RunClient client = new RunClient(services.workflows());
      Optional<JsonNode> last = fresh ? Optional.empty() : remembered();
      boolean again = last.isPresent();
      if (again && !(settings.isEmpty() && data.isEmpty())) {
        throw CliFailure.usage(
            "the demo of this home has begun with other settings",
            "run " + last.get().get("run").asText() + " is remembered",
            "`dinoflow demo` goes on with it; `dinoflow demo --new` with your settings starts anew");
      }
      JsonNode demo = again ? last.get() : remember();
      RunId run = new RunId(demo.get("run").asText());
      FollowedRun followed = new FollowedRun(run, client, services, printer(), this::screen);
      followed.announce("demo");
      if (client.status(run).filter(DemoCommand::isDone).isPresent()) {
        followed.tell(followed.result(), asJson());
        printer().note("this demo is done; `dinoflow demo --new` starts a new one");
        return ExitCode.OK;
      }
      if (again) {
        printer().note("going on with run " + run);
      }
      client.ensureRunning(
          run,
          RunRequest.profiling((ObjectNode) demo.get("request"), profile),
          "demo: real images through the whole chain");
      Optional<PipelineResult> result = followed.untilDone();
      if (result.isPresent()) {
        followed.tell(result.get(), asJson());
      }
      printer()
          .note(
              "the services keep running; `dinoflow down` stops them, `dinoflow status` shows them");
      return ExitCode.OK;
    }
  }

  private static boolean isDone(WorkflowExecutionStatus status) {
    return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED;
  }

  private Optional<JsonNode> remembered() throws IOException {
    Path file = home().demo();
    return Files.exists(file)
        ? Optional.of(JSON.readTree(Files.readString(file)))
        : Optional.empty();
  }

  /** Written before the run is started, so that no crash in between can start two. */
  private JsonNode remember() throws IOException {
    ObjectNode demo = JSON.createObjectNode();
    demo.put("run", "demo-" + RunCommand.random());
    demo.set("request", RunRequest.of("demo", settings, data, RunRequest.Reuse.ALLOWED).json());
    Path draft = home().folder().resolve("demo.json.draft");
    Files.writeString(draft, JSON.writeValueAsString(demo));
    Files.move(
        draft, home().demo(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return demo;
  }
}
