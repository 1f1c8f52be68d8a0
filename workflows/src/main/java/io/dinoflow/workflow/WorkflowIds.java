package io.dinoflow.workflow;

import io.dinoflow.model.artifact.RunId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How workflow ids are made. A run's id is the workflow id of its PipelineWorkflow. */
public final class WorkflowIds {
  private static final DateTimeFormatter FIRING =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Pattern SCHEDULED = Pattern.compile("(.+)-\\d{8}T\\d{6}Z");

  private WorkflowIds() {}

  public static String pipeline(RunId run) {
    return run.value();
  }

  /** The child that runs one stage: {@code run/stage}. */
  public static String stage(RunId run, String stage) {
    return run.stageWorkflowId(stage);
  }

  /** The grandchild that trains one group of students: {@code run/stage/group}. */
  public static String group(RunId run, String stage, String group) {
    return stage(run, stage) + "/" + group;
  }

  /** What a schedule starts; Temporal adds the time of the firing. */
  public static String retrain(String schedule) {
    return "retrain/" + schedule;
  }

  /** What tidies one bucket; Temporal adds the time of the firing. */
  public static String collection(String bucket) {
    return "gc/" + bucket;
  }

  /** What reads one bucket back. */
  public static String scrub(String bucket) {
    return "scrub/" + bucket;
  }

  /** What a schedule's firing calls its run: {@code schedule-20300501T120000Z}. */
  public static RunId scheduled(String schedule, Instant firing) {
    return new RunId(schedule + "-" + FIRING.format(firing));
  }

  /** The schedule whose firing called a run so; a name that a person chose has none. */
  public static Optional<String> scheduleOf(RunId run) {
    Matcher scheduled = SCHEDULED.matcher(run.value());
    return scheduled.matches() ? Optional.of(scheduled.group(1)) : Optional.empty();
  }
}
