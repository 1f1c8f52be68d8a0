package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.io.IOException;
import java.util.List;

/** Decoded pictures of a dataset's samples. Thread-safe; equal samples give equal pixels. */
public interface SampleImages {
  /**
   * @throws UnreadableImageException the sample's bytes are no readable picture; a fact of the
   *     content, so trying again gives the same
   * @throws IOException the shard cannot be had now
   */
  RgbImage image(Sample sample) throws UnreadableImageException, IOException;

  /** Says which samples will be asked for next, in this order. Returns at once. */
  default void soon(List<Sample> samples) {}
}
