package io.dinoflow.model.data;

import java.util.Set;

/** Batches of seeded pictures without files. */
public final class TestBatches {
  private TestBatches() {}

  public static BatchAssembler<Batch> of(BatchSpec spec) {
    return new MultiCropAssembler(
        TestPictures.samples(2 * spec.batchSize()), TestPictures.images(Set.of()), spec);
  }
}
