package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import java.util.List;
import java.util.Optional;

/**
 * What an evaluation measured: the content of {@value #FILE_NAME} in its artifact. Pictures are
 * named by the artifact's file that holds them.
 *
 * @param subjects what was measured, in the recipe's order, then the baselines
 * @param scores every number, one a subject and metric
 * @param differences of subjects from baselines, paired over the same folds
 * @param retrieval between pictures and captions, where an aligned text tower was given
 * @param featureMaps PCA of patch features, one row of pictures a subject
 */
public record EvaluationReport(
    String format,
    Protocol protocol,
    List<Subject> subjects,
    List<Score> scores,
    List<Difference> differences,
    Optional<TextRetrieval> retrieval,
    List<FeatureMaps> featureMaps) {

  public static final String FORMAT = "dinoflow.evaluation/1";
  public static final String FILE_NAME = "report.json";

  public EvaluationReport {
    subjects = List.copyOf(subjects);
    scores = List.copyOf(scores);
    differences = List.copyOf(differences);
    featureMaps = List.copyOf(featureMaps);
  }

  /**
   * How it was measured.
   *
   * @param pictures scored in all folds together
   * @param classes among them
   * @param folds of the cross-validation
   * @param imageSize side of the pictures as networks see them
   */
  public record Protocol(String dataset, long pictures, int classes, int folds, int imageSize) {}

  /**
   * @param name the stage ({@code pretrain}), the student ({@code distill/vit}), or the baseline
   *     ({@code random weights}, {@code raw pixels})
   * @param checkpoint empty for a baseline
   */
  public record Subject(String name, Kind kind, Optional<CheckpointRef> checkpoint) {
    /** Whether it was trained. */
    public enum Kind {
      CHECKPOINT,
      BASELINE
    }
  }

  /**
   * @param metric such as {@code knn10.top1}, {@code knn10.per_class}, {@code linear.top1}
   * @param value its standard error is over the folds
   */
  public record Score(String subject, Metric metric, List<Double> perFold) {
    public Score {
      perFold = List.copyOf(perFold);
    }
  }

  /**
   * @param metric the difference {@code subject - baseline}; its standard error is that of the
   *     paired differences over the folds
   */
  public record Difference(String subject, String baseline, Metric metric) {}

  /**
   * @param metrics {@code text_to_image.recall10}, {@code image_to_text.recall10}, their {@code
   *     .chance} (mean over permuted captions) and {@code .over_chance}
   */
  public record TextRetrieval(List<Metric> metrics, List<Query> grid) {
    public TextRetrieval {
      metrics = List.copyOf(metrics);
      grid = List.copyOf(grid);
    }
  }

  /** A caption and the pictures found for it, best first. */
  public record Query(String caption, List<Hit> hits) {
    public Query {
      hits = List.copyOf(hits);
    }
  }

  /**
   * @param file PNG in the artifact
   * @param hit whether the picture's own caption is the query
   */
  public record Hit(String sample, String caption, String file, double similarity, boolean hit) {}

  /**
   * @param originals PNGs of the pictures as the network saw them
   * @param maps PNGs of the first three principal components as red, green and blue
   */
  public record FeatureMaps(String subject, List<String> originals, List<String> maps) {
    public FeatureMaps {
      originals = List.copyOf(originals);
      maps = List.copyOf(maps);
    }
  }
}
