package io.dinoflow.model.tensor;

/**
 * Seeds of streams of their own: a stage draws independently of the others, a student of its group.
 * What trains and what measures an untrained network agree on them here.
 */
public final class Seeds {
  private Seeds() {}

  /**
   * @param seed of the recipe
   */
  public static long ofStage(long seed, String stage) {
    return seed ^ SeededRandom.coordinate(stage);
  }

  /**
   * @param stageSeed from {@link #ofStage}
   */
  public static long ofStudent(long stageSeed, String student) {
    return stageSeed ^ SeededRandom.coordinate(student);
  }
}
