package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.eval.EvaluationReport.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The few numbers of a report that travel with the run: for each subject the first k's accuracy and
 * the linear probe's, and recall among the first ten. Many subjects leave room for less of each.
 */
public final class Headlines {
  static final int METRICS_MAX = 29;

  private static final Set<String> RECALLS =
      Set.of(
          "text_to_image.recall10",
          "text_to_image.recall10.over_chance",
          "image_to_text.recall10",
          "image_to_text.recall10.over_chance");

  private Headlines() {}

  /**
   * @param knn the recipe's neighbours; the first is the headline
   * @return named {@code pretrain.knn10.top1}, {@code random_weights.linear.top1}, {@code
   *     text_to_image.recall10}
   */
  public static List<Metric> of(EvaluationReport report, List<Integer> knn) {
    List<Metric> recalls =
        report.retrieval().stream()
            .flatMap(r -> r.metrics().stream())
            .filter(m -> RECALLS.contains(m.name()))
            .toList();
    String first = "knn" + knn.get(0);
    List<String> wanted = List.of(first + ".top1", "linear.top1", first + ".per_class");
    List<Metric> headlines = new ArrayList<>();
    for (int taken = wanted.size(); taken > 0; taken--) {
      headlines = scores(report, wanted.subList(0, taken));
      if (headlines.size() + recalls.size() <= METRICS_MAX) {
        break;
      }
    }
    List<Metric> all = new ArrayList<>(recalls);
    all.addAll(headlines.subList(0, Math.min(headlines.size(), METRICS_MAX - recalls.size())));
    return all;
  }

  private static List<Metric> scores(EvaluationReport report, List<String> wanted) {
    return report.scores().stream()
        .filter(s -> wanted.contains(s.metric().name()))
        .map(Headlines::named)
        .toList();
  }

  private static Metric named(Score score) {
    String subject = score.subject().replace(' ', '_');
    Optional<Double> error = score.metric().standardError();
    return new Metric(subject + "." + score.metric().name(), score.metric().value(), error);
  }
}
