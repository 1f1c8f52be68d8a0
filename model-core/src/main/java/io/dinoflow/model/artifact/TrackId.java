package io.dinoflow.model.artifact;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;

/**
 * One chain of checkpoints with one head and one fence, written {@code run/stage} or {@code
 * run/stage/student}.
 */
public record TrackId(RunId run, String stage, Optional<String> student) {

  public static TrackId of(RunId run, String stage) {
    return new TrackId(run, stage, Optional.empty());
  }

  public static TrackId ofStudent(RunId run, String stage, String student) {
    return new TrackId(run, stage, Optional.of(student));
  }

  @JsonCreator
  public static TrackId parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new IllegalArgumentException(
          "track \"%s\" is not of the form run/stage or run/stage/student".formatted(text));
    }
    return new TrackId(
        new RunId(parts[0]),
        parts[1],
        parts.length == 3 ? Optional.of(parts[2]) : Optional.empty());
  }

  @JsonValue
  @Override
  public String toString() {
    return run.value() + "/" + stage + student.map(s -> "/" + s).orElse("");
  }
}
