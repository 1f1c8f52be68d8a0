package io.dinoflow.model.artifact;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** A run's name: the workflow id of its PipelineWorkflow, whoever typed or made it. */
public record RunId(@JsonValue String value) {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._:-]{1,120}");

  @JsonCreator
  public RunId {
    if (!ALLOWED.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "run id \"%s\" is not allowed: use 1 to 120 of the characters A-Z a-z 0-9 . _ : -"
              .formatted(value));
    }
  }

  /** Workflow id of the child that runs one stage. */
  public String stageWorkflowId(String stage) {
    return value + "/" + stage;
  }

  @Override
  public String toString() {
    return value;
  }
}
