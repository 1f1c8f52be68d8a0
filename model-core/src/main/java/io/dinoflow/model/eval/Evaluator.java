package io.dinoflow.model.eval;

import java.io.IOException;
import java.util.List;

/**
 * One task that features are measured on.
 *
 * <p>What it finds is a function of the contenders and of what it was made with. Runs on one
 * thread; it reports progress to the job's listener, which may throw to end it, and frees all
 * native memory it takes.
 */
interface Evaluator {
  /**
   * @throws IOException a shard or a local file cannot be read or written now
   */
  void evaluate(List<Contender> contenders, Findings findings) throws IOException;
}
