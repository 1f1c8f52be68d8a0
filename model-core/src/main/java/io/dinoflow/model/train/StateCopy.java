package io.dinoflow.model.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * A training state as it was at one step, copied out of training memory, so that another thread can
 * write it while training goes on.
 *
 * <p>The trainer owns the memory and uses it again: one copy is open at a time, and it is closed
 * before the trainer. Any one thread may write and close it.
 */
public interface StateCopy extends AutoCloseable {

  /** Steps behind the copied state. */
  long step();

  /** Writes the same files as {@link Trainer#snapshot} would have at this step. */
  Map<String, Snapshot> write(Path folder);

  /** Gives the memory back for the next copy. */
  @Override
  void close();
}
