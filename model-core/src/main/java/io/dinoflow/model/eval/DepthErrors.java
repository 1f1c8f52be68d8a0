package io.dinoflow.model.eval;

/**
 * Errors of a depth map in metres (Eigen et al. 2014), over pixels that are valid and whose true
 * depth is above 0.
 *
 * @param a1 share of pixels within a factor of 1.25 of the truth
 * @param a2,a3 within its square and cube
 * @param absRel mean of |error| over truth
 * @param sqRel mean of squared error over truth
 * @param log10 mean of |log10 prediction - log10 truth|
 * @param rmseLog of natural logarithms
 * @param silog scale-invariant deviation of natural logarithms, times 100
 */
public record DepthErrors(
    double a1,
    double a2,
    double a3,
    double absRel,
    double sqRel,
    double rmse,
    double rmseLog,
    double log10,
    double silog,
    double mae) {
  private static final double FACTOR = 1.25;

  /**
   * @throws IllegalArgumentException no pixel counts, or one has no positive prediction
   */
  public static DepthErrors of(float[] predicted, float[] truth, boolean[] valid) {
    int n = 0;
    double[] within = new double[3];
    double absRel = 0;
    double sqRel = 0;
    double squares = 0;
    double logs = 0;
    double logSquares = 0;
    double logAbsolutes = 0;
    double absolutes = 0;
    for (int i = 0; i < truth.length; i++) {
      if (!valid[i] || truth[i] <= 0) {
        continue;
      }
      double p = predicted[i];
      double t = truth[i];
      if (!(p > 0)) {
        throw new IllegalArgumentException(
            "predicted depth at pixel %d is %s, must be above 0".formatted(i, p));
      }
      double ratio = Math.max(p / t, t / p);
      for (int power = 0; power < within.length; power++) {
        within[power] += ratio < Math.pow(FACTOR, power + 1) ? 1 : 0;
      }
      double error = p - t;
      double logError = Math.log(p) - Math.log(t);
      absRel += Math.abs(error) / t;
      sqRel += error * error / t;
      squares += error * error;
      absolutes += Math.abs(error);
      logs += logError;
      logSquares += logError * logError;
      logAbsolutes += Math.abs(logError);
      n++;
    }
    if (n == 0) {
      throw new IllegalArgumentException("none of %d pixels counts".formatted(truth.length));
    }
    double meanLog = logs / n;
    return new DepthErrors(
        within[0] / n,
        within[1] / n,
        within[2] / n,
        absRel / n,
        sqRel / n,
        Math.sqrt(squares / n),
        Math.sqrt(logSquares / n),
        logAbsolutes / n / Math.log(10),
        100 * Math.sqrt(Math.max(0, logSquares / n - meanLog * meanLog)),
        absolutes / n);
  }
}
