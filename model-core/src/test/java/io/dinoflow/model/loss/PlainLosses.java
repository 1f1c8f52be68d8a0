package io.dinoflow.model.loss;

import io.dinoflow.model.plain.Plain;

/** The losses' formulas in double precision. */
final class PlainLosses {
  static final double STUDENT_TEMPERATURE = 0.1;

  private PlainLosses() {}

  /** Rows sum to 1, prototypes get equal shares: alternating normalisation of exp(x / t). */
  static double[][] sinkhorn(double[][] logits, double temperature, int iterations) {
    int rows = logits.length;
    int prototypes = logits[0].length;
    double[][] q = new double[rows][prototypes];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < prototypes; k++) {
        q[r][k] = Math.exp(logits[r][k] / temperature);
      }
    }
    for (int i = 0; i < iterations; i++) {
      for (int k = 0; k < prototypes; k++) {
        double sum = 0;
        for (double[] row : q) {
          sum += row[k];
        }
        for (double[] row : q) {
          row[k] /= sum * prototypes;
        }
      }
      for (double[] row : q) {
        double sum = 0;
        for (double v : row) {
          sum += v;
        }
        for (int k = 0; k < prototypes; k++) {
          row[k] /= sum;
        }
      }
    }
    return q;
  }

  /** Mean cross-entropy over (student crop, teacher crop, sample), rows crop-major. */
  static double dino(double[][] student, double[][] teacher, int samples, boolean withoutDiagonal) {
    double sum = 0;
    int count = 0;
    for (int s = 0; s < student.length; s++) {
      for (int t = 0; t < teacher.length; t++) {
        boolean sameCrop = s / samples == t / samples;
        if (s % samples == t % samples && !(withoutDiagonal && sameCrop)) {
          sum += Plain.crossEntropy(teacher[t], student[s], STUDENT_TEMPERATURE);
          count++;
        }
      }
    }
    return sum / count;
  }

  static double ibot(double[][] student, double[][] teacher, double[] weight, int rows) {
    double sum = 0;
    for (int i = 0; i < student.length; i++) {
      sum += weight[i] * Plain.crossEntropy(teacher[i], student[i], STUDENT_TEMPERATURE);
    }
    return sum / rows;
  }

  /** Minus the mean log distance to the nearest rows of the group, on the unit sphere. */
  static double koleo(double[][] x, int group, int neighbours) {
    double[][] unit = Plain.unit(x);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double[] distances = new double[group - 1];
      int n = 0;
      for (int j = i / group * group; j < (i / group + 1) * group; j++) {
        if (j != i) {
          distances[n++] = Math.sqrt(Math.max(0, 2 - 2 * Plain.dot(unit[i], unit[j])));
        }
      }
      java.util.Arrays.sort(distances);
      for (int k = 0; k < neighbours; k++) {
        sum -= Math.log(distances[k]) / neighbours;
      }
    }
    return sum / x.length;
  }

  /** Mean squared difference of similarities, rows in pictures of {@code patches}. */
  static double gram(GramLoss options, double[][] student, double[][] teacher, int patches) {
    double[][] s = options.normalized() ? Plain.unit(student) : student;
    double[][] t = options.normalized() ? Plain.unit(teacher) : teacher;
    double sum = 0;
    int count = 0;
    for (int i = 0; i < s.length; i++) {
      for (int j = 0; j < s.length; j++) {
        if (!options.imgLevel() || i / patches == j / patches) {
          double a = Plain.dot(s[i], s[j]);
          double b = Plain.dot(t[i], t[j]);
          a = options.removeNeg() ? Math.max(a, 0) : a;
          b = options.removeNeg() || options.removeOnlyTeacherNeg() ? Math.max(b, 0) : b;
          sum += (a - b) * (a - b);
          count++;
        }
      }
    }
    return sum / count;
  }

  /** Mean of the cross-entropies of pictures over texts and of texts over pictures. */
  static double contrastive(double[][] image, double[][] text, double logScale) {
    double sum = 0;
    for (int i = 0; i < image.length; i++) {
      double[] overTexts = new double[text.length];
      double[] overImages = new double[text.length];
      for (int j = 0; j < text.length; j++) {
        overTexts[j] = Math.exp(logScale) * Plain.dot(image[i], text[j]);
        overImages[j] = Math.exp(logScale) * Plain.dot(image[j], text[i]);
      }
      sum -= Plain.logSoftmax(overTexts, 1)[i] + Plain.logSoftmax(overImages, 1)[i];
    }
    return sum / (2 * image.length);
  }
}
