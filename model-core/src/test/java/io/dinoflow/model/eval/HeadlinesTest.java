package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.eval.EvaluationReport.Protocol;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.eval.EvaluationReport.TextRetrieval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeadlinesTest {
  private static EvaluationReport report(int subjects) {
    Findings findings = new Findings();
    List<Subject> all = new ArrayList<>();
    for (int i = 0; i < subjects; i++) {
      Subject subject = new Subject("stage " + i, Subject.Kind.BASELINE, Optional.empty());
      all.add(subject);
      for (String metric :
          List.of(
              "knn10.top1",
              "knn10.per_class",
              "knn20.top1",
              "knn20.per_class",
              "linear.top1",
              "linear.per_class")) {
        findings.score(subject, metric, List.of(0.25, 0.75));
      }
    }
    findings.retrieval(
        new TextRetrieval(
            List.of(
                Metric.of("text_to_image.recall1", 0.1),
                Metric.of("text_to_image.recall10", 0.5),
                Metric.of("text_to_image.recall10.chance", 0.1),
                Metric.of("text_to_image.recall10.over_chance", 5)),
            List.of()));
    return findings.report(new Protocol("made", 2, 2, 2, 32), all);
  }

  @Test
  void theFirstKTheProbeAndRecallsAreHeadlines() {
    List<Metric> headlines = Headlines.of(report(1), List.of(10, 20));
    assertThat(headlines.stream().map(Metric::name))
        .containsExactlyInAnyOrder(
            "text_to_image.recall10",
            "text_to_image.recall10.over_chance",
            "stage_0.knn10.top1",
            "stage_0.knn10.per_class",
            "stage_0.linear.top1");
    assertThat(headlines.get(2).value()).isEqualTo(0.5);
    assertThat(headlines.get(2).standardError()).contains(0.25);
  }

  @Test
  void manySubjectsLeaveRoomForLessOfEach() {
    List<Metric> ten = Headlines.of(report(10), List.of(10, 20));
    assertThat(ten).hasSize(22).noneMatch(m -> m.name().endsWith("per_class"));
    assertThat(Headlines.of(report(60), List.of(10, 20))).hasSize(Headlines.METRICS_MAX);
  }
}
