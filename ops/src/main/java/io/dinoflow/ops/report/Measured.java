package io.dinoflow.ops.report;

import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.workflow.Payloads;
import java.io.IOException;
import java.util.Map;

/**
 * An evaluation's report with the pictures it names.
 *
 * @param pictures by file name within the artifact; one that the report names may be missing
 */
public record Measured(EvaluationReport report, Map<String, Picture> pictures) {
  public Measured {
    pictures = Map.copyOf(pictures);
  }

  /**
   * Reads {@value EvaluationReport#FILE_NAME}, leniently about fields of a later version.
   *
   * @throws IllegalArgumentException it is no such report
   */
  static EvaluationReport parse(byte[] json) {
    try {
      EvaluationReport report = Payloads.mapper().readValue(json, EvaluationReport.class);
      if (!EvaluationReport.FORMAT.equals(report.format())) {
        throw new IllegalArgumentException(
            "the evaluation has the format \"%s\", this version reads \"%s\""
                .formatted(report.format(), EvaluationReport.FORMAT));
      }
      return report;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s is no evaluation report: %s".formatted(EvaluationReport.FILE_NAME, e.getMessage()),
          e);
    }
  }
}
