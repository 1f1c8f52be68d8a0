package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the captioned batch of any step: a random resized crop of each picture, never mirrored,
 * since captions name left and right.
 */
final class CaptionAssembler implements BatchAssembler<CaptionBatch> {

  /** Most of the picture stays, so that the caption stays true. */
  private static final List<Double> SCALE = List.of(0.6, 1.0);

  private final SampleStream stream;
  private final long seed;
  private final int batchSize;
  private final int side;
  private final Normalisation normalisation;

  CaptionAssembler(
      List<Sample> samples,
      SampleImages images,
      long seed,
      int batchSize,
      int side,
      Normalisation normalisation) {
    List<Sample> captioned = samples.stream().filter(s -> !s.caption().isBlank()).toList();
    if (captioned.isEmpty()) {
      throw new UnusableDatasetException(
          "none of the dataset's %d samples has a caption; text alignment needs captions"
              .formatted(samples.size()));
    }
    this.stream = new SampleStream(captioned, images, seed, batchSize);
    this.seed = seed;
    this.batchSize = batchSize;
    this.side = side;
    this.normalisation = normalisation;
  }

  @Override
  public Slot<CaptionBatch> slot() {
    return new CaptionSlot();
  }

  private final class CaptionSlot implements Slot<CaptionBatch> {
    private final int values = 3 * side * side;
    private final FloatBuffer images = DirectBuffers.floats((long) batchSize * values);
    private final Resampler resampler = new Resampler(Resampler.Arithmetic.PIL);
    private final byte[] crop = new byte[values];
    private final float[] floats = new float[values];

    @Override
    public CaptionBatch assemble(long step) throws IOException {
      List<Sample> samples = new ArrayList<>(batchSize);
      for (int i = 0; i < batchSize; i++) {
        SampleStream.Picture picture = stream.picture(step, i);
        samples.add(picture.sample());
        RgbImage image = picture.image();
        SeededRandom random = SeededRandom.of(seed, Purpose.CROP, step, i);
        Box box = Box.random(image.width(), image.height(), SCALE, random);
        resampler.resize(image.rgb(), image.width(), box, crop, side, side);
        normalisation.write(crop, side * side, floats, images, i * values);
      }
      return new CaptionBatch(step, images.clear(), samples);
    }
  }
}
