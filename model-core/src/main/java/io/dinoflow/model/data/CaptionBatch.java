package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * One step's pictures with captions, for text alignment.
 *
 * @param images (B, 3, S, S), normalised; direct, native order
 * @param samples the B samples in row order; every one has a caption
 */
public record CaptionBatch(long step, FloatBuffer images, List<Sample> samples) {
  public CaptionBatch {
    samples = List.copyOf(samples);
  }

  public List<String> captions() {
    return samples.stream().map(Sample::caption).toList();
  }
}
