package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.data.UnreadableImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * The pictures in their order, a batch a step, as networks see them. Steps past the end are empty,
 * so that batches can be made ahead.
 */
final class EvalBatches implements BatchAssembler<EvalBatches.Pixels> {
  /**
   * @param pixels_B3SS direct; good until the next batch is drawn
   * @param count pictures; 0 past the end
   */
  record Pixels(FloatBuffer pixels_B3SS, int count) {}

  private final List<Sample> samples;
  private final SampleImages images;
  private final EvalTransform transform;
  private final int batchSize;

  EvalBatches(List<Sample> samples, SampleImages images, EvalTransform transform, int batchSize) {
    this.samples = samples;
    this.images = images;
    this.transform = transform;
    this.batchSize = batchSize;
  }

  @Override
  public Slot<Pixels> slot() {
    int values = 3 * transform.side() * transform.side();
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(Math.multiplyExact(batchSize * values, Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    return step -> {
      int from = (int) Math.min(samples.size(), step * batchSize);
      int to = Math.min(samples.size(), from + batchSize);
      for (int i = from; i < to; i++) {
        transform.into(read(images, samples.get(i)), pixels, (i - from) * values);
      }
      return new Pixels(pixels, to - from);
    };
  }

  /** A picture that came in readable must still be. */
  static RgbImage read(SampleImages images, Sample sample) throws IOException {
    try {
      return images.image(sample);
    } catch (UnreadableImageException e) {
      throw new IOException(
          "sample %s was readable when it came in: %s".formatted(sample.key(), e.getMessage()), e);
    }
  }
}
