package io.dinoflow.model.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Gives shards as local files. Implementations verify the digest before they hand one out; a call
 * for a shard that is already there is cheap. Thread-safe.
 */
public interface ShardSource {
  /**
   * @throws IOException the shard cannot be had now; trying again may help
   */
  Path local(String shard) throws IOException;

  /**
   * Says which shards will be asked for next, in this order, so that they can be on their way
   * already. Returns at once; what goes wrong shows where the shard is asked for, and only there.
   */
  default void soon(List<String> shards) {}
}
