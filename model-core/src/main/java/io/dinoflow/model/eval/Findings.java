package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import io.dinoflow.model.eval.EvaluationReport.FeatureMaps;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.eval.EvaluationReport.TextRetrieval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What evaluators found so far. One thread fills it. */
final class Findings {
  /** Per subject, then per metric, in the order they were found. */
  private final Map<String, Map<String, FoldScores>> scores = new LinkedHashMap<>();

  private final List<Outcomes.Answers> answers = new ArrayList<>();
  private final List<FeatureMaps> maps = new ArrayList<>();
  private Optional<TextRetrieval> retrieval = Optional.empty();

  void score(Subject subject, String metric, List<Double> perFold) {
    scores
        .computeIfAbsent(subject.name(), s -> new LinkedHashMap<>())
        .put(metric, new FoldScores(perFold));
  }

  /**
   * @param right one a labelled item
   */
  void answers(Subject subject, String metric, boolean[] right) {
    answers.add(Outcomes.Answers.of(subject.name(), metric, right));
  }

  /**
   * @param samples of the labelled items
   */
  Outcomes outcomes(List<Sha256> samples) {
    return new Outcomes(Outcomes.FORMAT, samples, answers);
  }

  void maps(FeatureMaps found) {
    maps.add(found);
  }

  void retrieval(TextRetrieval found) {
    retrieval = Optional.of(found);
  }

  EvaluationReport report(EvaluationReport.Protocol protocol, List<Subject> subjects) {
    return new EvaluationReport(
        EvaluationReport.FORMAT,
        protocol,
        subjects,
        subjects.stream().flatMap(s -> scores(s).stream()).toList(),
        differences(subjects),
        retrieval,
        maps);
  }

  private List<Score> scores(Subject subject) {
    return of(subject).entrySet().stream()
        .map(
            e -> new Score(subject.name(), e.getValue().metric(e.getKey()), e.getValue().perFold()))
        .toList();
  }

  private List<Difference> differences(List<Subject> subjects) {
    List<Difference> differences = new ArrayList<>();
    for (Subject subject : subjects) {
      for (Subject baseline : subjects) {
        if (subject.kind() != Subject.Kind.CHECKPOINT || baseline.kind() != Subject.Kind.BASELINE) {
          continue;
        }
        of(subject)
            .forEach(
                (metric, value) ->
                    Optional.ofNullable(of(baseline).get(metric))
                        .ifPresent(
                            other ->
                                differences.add(
                                    new Difference(
                                        subject.name(),
                                        baseline.name(),
                                        value.minus(other).metric(metric)))));
      }
    }
    return differences;
  }

  private Map<String, FoldScores> of(Subject subject) {
    return scores.getOrDefault(subject.name(), Map.of());
  }
}
