package io.dinoflow.activity.maintain;

import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Heartbeat;
import io.dinoflow.activity.support.HeartbeatPolicy;
import io.dinoflow.storage.checkpoint.Housekeeping;
import io.dinoflow.storage.checkpoint.Scrub;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.MaintenanceActivities;
import io.dinoflow.workflow.activity.Progress;
import io.temporal.activity.Activity;
import java.util.function.Consumer;

/** Rounds of {@link Housekeeping} and {@link Scrub}. */
public final class MaintenanceActivitiesImpl implements MaintenanceActivities {
  private final Housekeeping housekeeping;
  private final Scrub scrub;
  private final LineageStore lineage;
  private final HeartbeatPolicy policy;

  public MaintenanceActivitiesImpl(
      Housekeeping housekeeping, Scrub scrub, LineageStore lineage, HeartbeatPolicy policy) {
    this.housekeeping = housekeeping;
    this.scrub = scrub;
    this.lineage = lineage;
    this.policy = policy;
  }

  @Override
  public Collected collect() {
    return FailureMapper.mapped(
        () -> {
          try (Heartbeat heartbeat = beating("gc")) {
            Housekeeping.Round round =
                housekeeping.run(
                    new TrackPolicies(lineage),
                    Housekeeping.Limits.standard(),
                    alive(heartbeat, "gc"));
            return new Collected(
                round.expired().size(),
                round.blobs().blobs(),
                round.blobs().bytes(),
                round.left().blobs(),
                round.orphans().blobs(),
                round.uploads());
          } catch (Housekeeping.OddStoreException odd) {
            throw FailureMapper.lasting(
                Failures.ODD_STORE,
                odd.getMessage() + "; nothing was deleted, `dinoflow gc --dry-run` shows more");
          }
        });
  }

  @Override
  public Scrubbed scrub(ScrubRequest request) {
    return FailureMapper.mapped(
        () -> {
          try (Heartbeat heartbeat = beating("scrub")) {
            Consumer<String> alive = alive(heartbeat, "scrub");
            Scrub.Round round = scrub.run(request.bytesMax(), file -> alive.accept(file.name()));
            return new Scrubbed(
                round.blobs(),
                round.bytes(),
                round.damaged().stream()
                    .map(
                        finding ->
                            "%s %s: %s"
                                .formatted(
                                    finding.file().name(),
                                    finding.file().sha256().shortForm(),
                                    finding.wrong().orElse("")))
                    .toList());
          }
        });
  }

  private Heartbeat beating(String task) {
    return Heartbeat.start(
        Activity.getExecutionContext(), policy, Progress.ofPhase(task, "starting", ""));
  }

  private static Consumer<String> alive(Heartbeat heartbeat, String task) {
    return phase -> {
      heartbeat.throwIfStopped();
      heartbeat.advance(Progress.ofPhase(task, phase, ""));
    };
  }
}
