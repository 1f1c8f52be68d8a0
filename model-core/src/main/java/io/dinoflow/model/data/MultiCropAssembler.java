package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.util.List;

/** Makes the multi-crop batch of any step. */
final class MultiCropAssembler implements BatchAssembler<Batch> {
  MultiCropAssembler(List<Sample> samples, SampleImages images, BatchSpec spec) {}

  @Override
  public Slot<Batch> slot() {
    throw new IllegalStateException("multi-crop assembly lands with MultiCrop");
  }
}
