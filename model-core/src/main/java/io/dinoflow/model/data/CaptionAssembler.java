package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.util.List;

/** Makes the captioned batch of any step. */
final class CaptionAssembler implements BatchAssembler<CaptionBatch> {
  CaptionAssembler(
      List<Sample> samples,
      SampleImages images,
      long seed,
      int batchSize,
      int side,
      Normalisation normalisation) {}

  @Override
  public Slot<CaptionBatch> slot() {
    throw new IllegalStateException("captioned assembly lands with MultiCrop");
  }
}
