package io.dinoflow.activity.curate;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.curate.StarterDescriptor;
import io.dinoflow.model.curate.Vectors;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.data.UnreadableImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Descriptors of a dataset's pictures, kept in a local file block by block, so that an attempt
 * after a kill goes on where the last whole block ended. Descriptors are a function of the picture,
 * so a file that is lost is only made again.
 */
final class Embeddings {
  private static final int BLOCK = 256;
  private static final int ROW_BYTES = StarterDescriptor.DIM * Float.BYTES;

  private final SampleImages images;
  private final Path file;

  Embeddings(SampleImages images, Path file) {
    this.images = images;
    this.file = file;
  }

  /**
   * @param done hears how many pictures are embedded, after each
   * @return unit vectors in the samples' order
   */
  Vectors of(List<Sample> samples, IntConsumer done) throws IOException {
    float[] values = new float[samples.size() * StarterDescriptor.DIM];
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      int known = restore(channel, values, samples.size());
      for (int from = known; from < samples.size(); from += BLOCK) {
        int to = Math.min(samples.size(), from + BLOCK);
        for (int i = from; i < to; i++) {
          embed(samples.get(i), values, i);
          done.accept(i + 1);
        }
        save(channel, values, from, to);
      }
    }
    return new Vectors(samples.size(), StarterDescriptor.DIM, values);
  }

  private static int restore(FileChannel channel, float[] values, int samples) throws IOException {
    long rows = Math.min(channel.size() / ROW_BYTES, samples);
    int known = (int) (rows == samples ? rows : rows / BLOCK * BLOCK);
    ByteBuffer bytes = row();
    for (int i = 0; i < known; i++) {
      bytes.clear();
      while (bytes.hasRemaining()
          && channel.read(bytes, (long) i * ROW_BYTES + bytes.position()) >= 0) {
        continue;
      }
      bytes.flip().asFloatBuffer().get(values, i * StarterDescriptor.DIM, StarterDescriptor.DIM);
    }
    return known;
  }

  private void embed(Sample sample, float[] values, int row) throws IOException {
    try {
      float[] descriptor = StarterDescriptor.of(images.image(sample));
      System.arraycopy(descriptor, 0, values, row * StarterDescriptor.DIM, StarterDescriptor.DIM);
    } catch (UnreadableImageException e) {
      throw new IOException(
          "sample %s was readable when it came in: %s".formatted(sample.key(), e.getMessage()), e);
    }
  }

  private static void save(FileChannel channel, float[] values, int from, int to)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((to - from) * ROW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes
        .asFloatBuffer()
        .put(values, from * StarterDescriptor.DIM, (to - from) * StarterDescriptor.DIM);
    while (bytes.hasRemaining()) {
      channel.write(bytes, (long) from * ROW_BYTES + bytes.position());
    }
    channel.force(false);
  }

  private static ByteBuffer row() {
    return ByteBuffer.allocate(ROW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
