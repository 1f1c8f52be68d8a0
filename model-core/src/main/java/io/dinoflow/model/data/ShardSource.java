package io.dinoflow.model.data;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Gives shards as local files. Implementations verify the digest before they hand one out; a call
 * for a shard that is already there is cheap. Thread-safe.
 */
public interface ShardSource {
  /**
   * @throws IOException the shard cannot be had now; trying again may help
   */
  Path local(String shard) throws IOException;
}
