package io.dinoflow.model.eval;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dinoflow.model.artifact.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which pictures each subject got right: the content of {@value #FILE_NAME} in an evaluation's
 * artifact. Two evaluations of the same pictures can so be compared picture by picture, whoever
 * made them and whenever.
 *
 * @param samples digests of the scored pictures' bytes, in the order of the answers
 * @param answers one row a subject and metric; empty where no picture has a label
 */
public record Outcomes(String format, List<Sha256> samples, List<Answers> answers) {
  public static final String FORMAT = "dinoflow.outcomes/1";
  public static final String FILE_NAME = "outcomes.json";

  static final char RIGHT = '1';
  static final char WRONG = '0';

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public Outcomes {
    samples = List.copyOf(samples);
    answers = List.copyOf(answers);
    for (Answers row : answers) {
      if (row.right().length() != samples.size()) {
        throw new IllegalArgumentException(
            "%s of %s has %d answers for %d pictures, must be one each"
                .formatted(row.metric(), row.subject(), row.right().length(), samples.size()));
      }
    }
  }

  /**
   * @param subject as the report names it
   * @param metric the share of right ones is this metric: {@code knn10.top1}
   * @param right a {@code 1} for each picture that was classified right, else a {@code 0}
   */
  public record Answers(String subject, String metric, String right) {
    public Answers {
      if (!right.matches("[01]*")) {
        throw new IllegalArgumentException(
            "answers of %s are no row of 0 and 1".formatted(subject));
      }
    }

    static Answers of(String subject, String metric, boolean[] right) {
      StringBuilder row = new StringBuilder(right.length);
      for (boolean one : right) {
        row.append(one ? RIGHT : WRONG);
      }
      return new Answers(subject, metric, row.toString());
    }

    /** One a picture. */
    public boolean[] toArray() {
      boolean[] all = new boolean[right.length()];
      for (int i = 0; i < all.length; i++) {
        all[i] = right.charAt(i) == RIGHT;
      }
      return all;
    }
  }

  /** The row of a subject and metric. */
  public Optional<Answers> of(String subject, String metric) {
    return answers.stream()
        .filter(row -> row.subject().equals(subject) && row.metric().equals(metric))
        .findFirst();
  }

  void write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), this);
  }

  public static Outcomes read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), Outcomes.class);
  }
}
