package io.dinoflow.model.eval;

/**
 * Hears how far an evaluation is, between batches, on the evaluating thread. It may throw to end
 * the evaluation; features made so far stay in the job's cache.
 */
@FunctionalInterface
public interface EvaluationListener {
  /**
   * @param phase one word or two, such as {@code embedding pretrain}
   * @param done pictures done of {@code of}
   */
  void advanced(String phase, long done, long of);
}
