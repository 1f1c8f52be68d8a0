package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.EndReason;
import io.dinoflow.ops.run.LiveView;
import io.dinoflow.ops.run.PlainView;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.ops.run.RunFollower;
import io.dinoflow.ops.run.RunView;
import io.dinoflow.ops.run.Screen;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.api.PipelineResult;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowFailedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Following a run from the terminal: shows it until it ends, then says what it made or why it
 * failed. Ctrl-C ends only the looking; the run goes on, and the words that leave say how to come
 * back.
 */
final class FollowedRun {
  private final RunId run;
  private final RunClient client;
  private final Services services;
  private final Printer printer;
  private final Supplier<Optional<Screen>> screen;

  /**
   * @param screen opens the terminal to draw on; none where lines are to be appended
   */
  FollowedRun(
      RunId run,
      RunClient client,
      Services services,
      Printer printer,
      Supplier<Optional<Screen>> screen) {
    this.run = run;
    this.client = client;
    this.services = services;
    this.printer = printer;
    this.screen = screen;
  }

  /** Where to look, in two lines. */
  void announce(String command) {
    OpsConfig config = services.config();
    printer.note("dinoflow %s   run %s   home %s".formatted(command, run, config.home()));
    List<String> places = new ArrayList<>();
    config.pageUrl().ifPresent(url -> places.add("page " + url + "/runs/" + run));
    config.uiUrl().ifPresent(url -> places.add("temporal " + url));
    if (!places.isEmpty()) {
      printer.note(String.join("   ", places));
    }
  }

  /**
   * Shows the run until it ends; throws what a person needs to know when it failed.
   *
   * @return what it made; empty where the person left while it goes on
   */
  Optional<PipelineResult> untilDone() {
    BlockingQueue<LiveView.Wish> wishes = new LinkedBlockingQueue<>();
    RunView view = view(wishes::add);
    RunFollower follower = new RunFollower(client, view);
    Thread obeying = new Thread(() -> obey(wishes, follower, view), "wishes");
    obeying.setDaemon(true);
    obeying.start();
    Thread farewell =
        new Thread(
            () -> {
              view.close();
              sayHowToComeBack();
            },
            "farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
    Optional<WorkflowExecutionStatus> end;
    try (view) {
      printer.note("");
      end = follower.follow(run);
    } finally {
      obeying.interrupt();
      Runtime.getRuntime().removeShutdownHook(farewell);
    }
    if (end.isEmpty()) {
      throw CliFailure.notFound(
          "run " + run + " cannot be followed",
          "Temporal does not know it",
          "`dinoflow runs` lists the runs");
    }
    if (end.get() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
      sayHowToComeBack();
      return Optional.empty();
    }
    return Optional.of(result());
  }

  private RunView view(Consumer<LiveView.Wish> wishes) {
    return screen
        .get()
        .<RunView>map(
            terminal -> new LiveView(terminal, new RecordedNotes(services.lineage(), run), wishes))
        .orElseGet(() -> new PlainView(printer::note));
  }

  /** In a thread of its own: the run may take a while to answer, the picture must not stand. */
  private void obey(BlockingQueue<LiveView.Wish> wishes, RunFollower follower, RunView view) {
    while (true) {
      try {
        LiveView.Wish wish = wishes.take();
        if (wish == LiveView.Wish.LEAVE) {
          follower.leave();
        } else {
          view.note(ask(wish));
        }
      } catch (WorkflowException | StatusRuntimeException e) {
        view.note("the run does not take it: " + ErrorReport.of("run", e).why());
      } catch (InterruptedException nobodyLooksAnyMore) {
        return;
      }
    }
  }

  private String ask(LiveView.Wish wish) {
    return switch (wish) {
      case PAUSE -> client.pause(run, "by hand");
      case RESUME -> client.resume(run);
      case CANCEL -> {
        client.cancel(run);
        yield "asked to checkpoint and end";
      }
      case LEAVE -> "";
    };
  }

  /** The result of a closed run. */
  PipelineResult result() {
    try {
      return client.result(run);
    } catch (WorkflowFailedException e) {
      throw new CliFailure(
          ExitCode.RUN_FAILED, "run " + run + ended(e), EndReason.of(e), remedy(e));
    }
  }

  /** Tells what was made: one JSON value, or the report in a file and its summary on screen. */
  void tell(PipelineResult result, boolean asJson) throws IOException {
    if (asJson) {
      printer.jsonTree(Payloads.mapper().valueToTree(result));
    } else {
      RunSummary.print(run, services, printer);
    }
  }

  private void sayHowToComeBack() {
    printer.note("");
    printer.note("run " + run + " goes on; come back with `dinoflow run --attach " + run + "`");
    printer.note(
        "pause it with `dinoflow pause " + run + "`, stop everything with `dinoflow down`");
  }

  private static String ended(WorkflowFailedException e) {
    return EndReason.isCancellation(e) ? " was cancelled" : " failed";
  }

  private String remedy(WorkflowFailedException e) {
    return EndReason.isCancellation(e)
        ? "`dinoflow run --attach %s` goes on from its last checkpoint".formatted(run)
        : "remove the cause, then `dinoflow run --attach %s` goes on from its last checkpoint"
            .formatted(run);
  }
}
