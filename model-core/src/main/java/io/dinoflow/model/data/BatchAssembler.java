package io.dinoflow.model.data;

import java.io.IOException;

/**
 * Makes the batch of any step. A pure function of (dataset, spec, step); thread-safe as long as no
 * two threads use one slot.
 *
 * @param <T> kind of batch
 */
public interface BatchAssembler<T> {

  /** Buffers that batches are written into, over and over. */
  interface Slot<T> {
    /**
     * @throws IOException a shard cannot be had now
     */
    T assemble(long step) throws IOException;
  }

  /** A slot of its own memory. */
  Slot<T> slot();
}
