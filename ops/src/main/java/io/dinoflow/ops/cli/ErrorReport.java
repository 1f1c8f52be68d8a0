package io.dinoflow.ops.cli;

import io.dinoflow.activity.hub.ImportConflictException;
import io.dinoflow.activity.ingest.BadSourceException;
import io.dinoflow.activity.ingest.UnsafeArchiveException;
import io.dinoflow.model.hub.UnsupportedModelException;
import io.dinoflow.model.weights.MalformedSafetensorsException;
import io.dinoflow.ops.ConfigProblemsException;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.ScheduleFailure;
import io.dinoflow.ops.embedded.StackFailedException;
import io.dinoflow.storage.backup.BackupIndex;
import io.dinoflow.storage.checkpoint.Housekeeping;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.AmbiguousIdException;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.TemporalFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An exception in words, with its exit code: what failed and where, why, what to do. The one place
 * where this mapping is made.
 */
public record ErrorReport(ExitCode code, String what, String why, String remedy) {

  public static ErrorReport of(String command, Throwable failure) {
    String what = "dinoflow " + command + " failed";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      ErrorReport known = known(what, cause);
      if (known != null) {
        return known;
      }
    }
    return new ErrorReport(
        ExitCode.RUN_FAILED,
        what,
        chain(failure),
        "the log below has the details; `dinoflow doctor` checks the installation");
  }

  /** The three lines. */
  public List<String> lines() {
    return List.of("error: " + what, "  why: " + why, "  do:  " + remedy);
  }

  private static @Nullable ErrorReport known(String what, Throwable cause) {
    if (cause instanceof CliFailure failure) {
      return new ErrorReport(failure.code(), failure.what(), failure.why(), failure.remedy());
    }
    if (cause instanceof ConfigProblemsException problems) {
      return new ErrorReport(
          ExitCode.USAGE,
          "the configuration in the environment cannot be used",
          String.join("; ", problems.problems()),
          "set the variables named here");
    }
    if (cause instanceof StackFailedException stack) {
      return new ErrorReport(
          ExitCode.UNAVAILABLE,
          "the services of this home could not be started",
          String.valueOf(stack.getMessage()),
          "remove the cause, then repeat; logs/ in the home has one file a service");
    }
    if (cause instanceof UnsupportedModelException
        || cause instanceof MalformedSafetensorsException
        || cause instanceof BadSourceException
        || cause instanceof UnsafeArchiveException) {
      return new ErrorReport(
          ExitCode.USAGE,
          what,
          String.valueOf(cause.getMessage()),
          "correct what is named here; the command's --help says what is possible");
    }
    if (cause instanceof ImportConflictException conflict) {
      return new ErrorReport(
          ExitCode.CONFLICT,
          what,
          String.valueOf(conflict.getMessage()),
          "give the new model another name with --name");
    }
    if (cause instanceof ScheduleFailure schedule) {
      return schedule(schedule);
    }
    if (cause instanceof WorkflowNotFoundException missing) {
      return new ErrorReport(
          ExitCode.NOT_FOUND,
          what,
          "Temporal knows no open run with the id " + missing.getExecution().getWorkflowId(),
          "`dinoflow runs` lists the runs");
    }
    if (cause instanceof WorkflowUpdateException refused) {
      return new ErrorReport(
          ExitCode.CONFLICT,
          what,
          "the run refuses: " + innermost(refused),
          "`dinoflow show " + refused.getExecution().getWorkflowId() + "` says how it stands");
    }
    if (cause instanceof UnknownIdException unknown) {
      return new ErrorReport(
          ExitCode.NOT_FOUND, what, String.valueOf(unknown.getMessage()), "check the id");
    }
    if (cause instanceof AmbiguousIdException several) {
      return new ErrorReport(
          ExitCode.USAGE, what, String.valueOf(several.getMessage()), "give more digits of the id");
    }
    if (cause instanceof BackupIndex.NoBackupException refused) {
      return new ErrorReport(
          ExitCode.CONFLICT,
          what,
          String.valueOf(refused.getMessage()),
          "nothing was changed; `dinoflow restore --help` says what it takes");
    }
    if (cause instanceof Housekeeping.OddStoreException odd) {
      return new ErrorReport(
          ExitCode.CONFLICT,
          what,
          String.valueOf(odd.getMessage()),
          "nothing was deleted; find out why, then `dinoflow gc --force` if it is right");
    }
    if (cause instanceof DatabaseUnavailableException
        || cause instanceof StoreUnavailableException) {
      return new ErrorReport(
          ExitCode.UNAVAILABLE,
          what,
          String.valueOf(cause.getMessage()),
          "`dinoflow status` shows the services; try again");
    }
    if (cause instanceof StatusRuntimeException rpc && unavailable(rpc.getStatus().getCode())) {
      return new ErrorReport(
          ExitCode.UNAVAILABLE,
          what,
          "Temporal does not answer: " + rpc.getStatus(),
          "`dinoflow status` shows the services; try again");
    }
    if (cause instanceof SQLException sql && connectionTrouble(sql)) {
      return new ErrorReport(
          ExitCode.UNAVAILABLE,
          what,
          "PostgreSQL does not answer: " + sql.getMessage(),
          "`dinoflow status` shows the services; try again");
    }
    if (cause instanceof ConnectException refused) {
      return new ErrorReport(
          ExitCode.UNAVAILABLE,
          what,
          "a service does not answer: " + refused.getMessage(),
          "`dinoflow status` shows the services; try again");
    }
    if (cause instanceof IOException io
        && String.valueOf(io.getMessage()).contains("No space left on device")) {
      return new ErrorReport(
          ExitCode.UNAVAILABLE,
          what,
          "the disk is full: " + io.getMessage(),
          "free space, then repeat the command; nothing committed is lost");
    }
    return null;
  }

  private static ErrorReport schedule(ScheduleFailure failure) {
    String name = failure.schedule();
    return switch (failure.kind()) {
      case UNKNOWN ->
          new ErrorReport(
              ExitCode.NOT_FOUND,
              "no schedule " + name,
              "Temporal knows none of this name",
              "`dinoflow schedule list` lists them");
      case EXISTS ->
          new ErrorReport(
              ExitCode.CONFLICT,
              "schedule " + name + " cannot be made",
              "there is one of this name already",
              "`dinoflow schedule delete %s` first, or choose another name".formatted(name));
      case UNSUPPORTED ->
          new ErrorReport(
              ExitCode.UNAVAILABLE,
              "there are no schedules here",
              "Temporal runs in memory in this home, which cannot keep schedules",
              "put `temporal` or `go` on PATH (or set TEMPORAL_ADDRESS), then `dinoflow down` and"
                  + " `dinoflow up`");
      case REFUSED ->
          new ErrorReport(
              ExitCode.USAGE,
              "schedule " + name + " is refused",
              String.valueOf(failure.getMessage()),
              "`dinoflow schedule create --help` shows what is possible");
    };
  }

  private static boolean unavailable(Status.Code code) {
    return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
  }

  private static boolean connectionTrouble(SQLException sql) {
    String state = String.valueOf(sql.getSQLState());
    return state.startsWith("08") || state.startsWith("57P") || state.equals("null");
  }

  private static String innermost(Throwable failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last instanceof TemporalFailure told
        ? told.getOriginalMessage()
        : String.valueOf(last.getMessage());
  }

  private static String chain(Throwable failure) {
    StringBuilder words = new StringBuilder();
    String previous = "";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      String text =
          cause.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
      if (!previous.contains(message)) {
        words.append(words.isEmpty() ? "" : " <- ").append(text);
      }
      previous = message;
    }
    return words.toString();
  }
}
