package io.dinoflow.model.eval;

/**
 * How many predictions are right.
 *
 * @param top1 share of the right ones
 * @param perClass mean over the classes that occur of the share of the right ones in each, so that
 *     rare classes count as much as common ones
 */
record Accuracy(double top1, double perClass) {

  static Accuracy of(long[] predicted, long[] truth, int classes) {
    if (predicted.length != truth.length || truth.length == 0) {
      throw new IllegalArgumentException(
          "%d predictions for %d pictures, must be one each and at least one"
              .formatted(predicted.length, truth.length));
    }
    int[] seen = new int[classes];
    int[] right = new int[classes];
    int rightInAll = 0;
    for (int i = 0; i < truth.length; i++) {
      int truly = (int) truth[i];
      seen[truly]++;
      if (predicted[i] == truth[i]) {
        right[truly]++;
        rightInAll++;
      }
    }
    double sum = 0;
    int occurring = 0;
    for (int c = 0; c < classes; c++) {
      if (seen[c] > 0) {
        sum += (double) right[c] / seen[c];
        occurring++;
      }
    }
    return new Accuracy((double) rightInAll / truth.length, sum / occurring);
  }
}
