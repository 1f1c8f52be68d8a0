package io.dinoflow.ops.report;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.dinoflow.model.eval.EvaluationReport;
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
      JsonNode tree = new JsonMapper().readTree(json);
      PropertyNamingStrategy names =
          tree.has("featureMaps")
              ? PropertyNamingStrategies.LOWER_CAMEL_CASE
              : PropertyNamingStrategies.SNAKE_CASE;
      EvaluationReport report =
          JsonMapper.builder()
              .addModule(new Jdk8Module())
              .propertyNamingStrategy(names)
              .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .build()
              .treeToValue(tree, EvaluationReport.class);
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
