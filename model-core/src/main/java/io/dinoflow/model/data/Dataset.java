package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.util.List;

/** The samples of a dataset version in manifest order, and the way to their shards. */
public record Dataset(List<Sample> samples, ShardSource shards) {
  public Dataset {
    samples = List.copyOf(samples);
  }
}
