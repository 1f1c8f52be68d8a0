package io.dinoflow.model.train;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.data.UnreadableImageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures read once and measured at every checkpoint.
 *
 * @param pixels (pictures, 3, side, side), direct
 * @param samples what they are pictures of, in order
 */
record ProbePictures(FloatBuffer pixels, List<Sample> samples, int side) {
  private static final Logger LOG = LoggerFactory.getLogger(ProbePictures.class);

  ProbePictures {
    samples = List.copyOf(samples);
  }

  /**
   * The first pictures that can be decoded.
   *
   * @param order samples of the dataset, the wanted ones first
   */
  static ProbePictures of(
      Dataset dataset, List<Sample> order, EvalTransform transform, int picturesMax) {
    SampleImages images = CachedImages.of(dataset);
    int side = transform.side();
    int wanted = Math.min(picturesMax, order.size());
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(wanted * 3 * side * side * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    List<Sample> taken = new ArrayList<>();
    for (int i = 0; i < order.size() && taken.size() < wanted; i++) {
      try {
        RgbImage image = images.image(order.get(i));
        pixels.put(transform.apply(image));
        taken.add(order.get(i));
      } catch (UnreadableImageException e) {
        LOG.debug("probe leaves out an unreadable picture: {}", e.getMessage());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the probe pictures", e);
      }
    }
    pixels.flip();
    return new ProbePictures(pixels, taken, side);
  }
}
