package io.dinoflow.model.gate;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.eval.Outcomes;
import java.util.List;
import java.util.Optional;

/**
 * How one checkpoint did in one evaluation.
 *
 * @param subject its name in the evaluation
 */
public record Scorecard(String subject, EvaluationReport report, Outcomes outcomes) {

  /**
   * @param checkpoint one of the measured ones
   * @throws IllegalArgumentException the evaluation did not measure it
   */
  public static Scorecard of(EvaluationReport report, Outcomes outcomes, Sha256 checkpoint) {
    String subject =
        report.subjects().stream()
            .filter(
                s ->
                    s.checkpoint().filter(measured -> measured.id().equals(checkpoint)).isPresent())
            .map(Subject::name)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the evaluation did not measure checkpoint %s; it measured %s"
                            .formatted(
                                checkpoint.shortForm(),
                                report.subjects().stream().map(Subject::name).toList())));
    return new Scorecard(subject, report, outcomes);
  }

  /** The metric over all folds. */
  public double value(String metric) {
    return report.scores().stream()
        .filter(s -> s.subject().equals(subject) && s.metric().name().equals(metric))
        .map(Score::metric)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(missing(metric)))
        .value();
  }

  /** The share of right answers over all pictures. */
  double share(String metric) {
    boolean[] right = right(metric);
    int count = 0;
    for (boolean one : right) {
      count += one ? 1 : 0;
    }
    return (double) count / right.length;
  }

  /** Whether each picture was classified right. */
  boolean[] right(String metric) {
    return outcomes
        .of(subject, metric)
        .map(Outcomes.Answers::toArray)
        .orElseThrow(() -> new IllegalArgumentException(missing(metric)));
  }

  List<Sha256> samples() {
    return outcomes.samples();
  }

  /** Every metric that the subject has a number of. */
  public List<String> metrics() {
    return report.scores().stream()
        .filter(s -> s.subject().equals(subject))
        .map(s -> s.metric().name())
        .toList();
  }

  private String missing(String metric) {
    return "%s was not measured by %s; measured were %s"
        .formatted(
            subject,
            metric,
            Optional.of(metrics())
                .filter(m -> !m.isEmpty())
                .map(Object::toString)
                .orElse("none, for want of labels"));
  }
}
