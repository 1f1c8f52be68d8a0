package io.dinoflow.model.tensor;

/**
 * Counter-based random numbers (Philox4x32-10, Salmon et al. 2011): a pure function of (seed,
 * purpose, coordinates, draw index), so any draw of any step can be made again without state.
 *
 * <p>Coordinates say which use of the purpose this is, such as (step, sample, view). Not
 * thread-safe; make one where it is needed, it costs a few words.
 */
public final class SeededRandom {

  /** What a stream of numbers is for. The order is part of every run's identity: only append. */
  public enum Purpose {
    ORDER,
    CROP,
    COLOUR,
    MASK,
    DROP_PATH,
    ROPE,
    INIT,
    KMEANS,
    SAMPLE,
    SPLIT,
    SIZE,
    PROBE,
    CAPTION,
    BOOTSTRAP
  }

  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;

  private final int key0;
  private final int key1;
  private final int hi0;
  private final int hi1;
  private long counter;
  private final int[] block = new int[4];
  private int left;
  private double spareGaussian = Double.NaN;

  private SeededRandom(long key, long high) {
    this.key0 = (int) key;
    this.key1 = (int) (key >>> 32);
    this.hi0 = (int) high;
    this.hi1 = (int) (high >>> 32);
  }

  public static SeededRandom of(long seed, Purpose purpose, long... coordinates) {
    long key = mix(seed + 0x9E3779B97F4A7C15L * (purpose.ordinal() + 1));
    long high = 0;
    for (long c : coordinates) {
      high = mix(high ^ mix(c + 0x9E3779B97F4A7C15L));
    }
    return new SeededRandom(key, high);
  }

  /** A coordinate made of a name, such as a parameter's. */
  public static long coordinate(String name) {
    long h = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      h = (h ^ name.charAt(i)) * 0x100000001B3L;
    }
    return mix(h);
  }

  public int nextInt() {
    if (left == 0) {
      refill();
    }
    return block[--left];
  }

  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & 0xFFFFFFFFL);
  }

  /** Uniform in [0, bound), without modulo bias (Lemire). */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound is " + bound + ", must be at least 1");
    }
    int threshold = Integer.remainderUnsigned(-bound, bound);
    while (true) {
      long product = (nextInt() & 0xFFFFFFFFL) * bound;
      if (Integer.compareUnsigned((int) product, threshold) >= 0) {
        return (int) (product >>> 32);
      }
    }
  }

  /** Uniform in [0, 1) with 53 bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [from, to). */
  public double nextDouble(double from, double to) {
    return from + (to - from) * nextDouble();
  }

  /** Normal with mean 0 and deviation 1 (Marsaglia's polar method). */
  public double nextGaussian() {
    if (!Double.isNaN(spareGaussian)) {
      double g = spareGaussian;
      spareGaussian = Double.NaN;
      return g;
    }
    while (true) {
      double u = 2 * nextDouble() - 1;
      double v = 2 * nextDouble() - 1;
      double s = u * u + v * v;
      if (s > 0 && s < 1) {
        double f = Math.sqrt(-2 * StrictMath.log(s) / s);
        spareGaussian = v * f;
        return u * f;
      }
    }
  }

  public boolean nextBoolean(double probability) {
    return nextDouble() < probability;
  }

  /** A uniformly random order of 0..n-1. */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private void refill() {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = hi0;
    int c3 = hi1;
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < 10; round++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    block[3] = c0;
    block[2] = c1;
    block[1] = c2;
    block[0] = c3;
    left = 4;
    counter++;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
