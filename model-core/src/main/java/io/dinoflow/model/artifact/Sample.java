package io.dinoflow.model.artifact;

/**
 * One picture of a dataset: a row of its manifest. Empty text means the fact is not known.
 *
 * @param key basename of its members in the shard, unique in the dataset
 * @param shard name of the tar that holds it
 * @param offset,bytes where the picture's bytes lie in the shard
 * @param sha256 of the picture's bytes
 * @param label class name
 * @param group variants of one picture share a group; a split never divides it
 * @param variant whether it is a derived variant (a skin tone, say); base pictures are scored
 * @param clusterPath indexes from the coarsest level of k-means to the finest, joined by {@code /}
 * @param sampledBy which branch of curation took it: {@code cluster}, {@code retrieval}, {@code
 *     all}
 */
public record Sample(
    String key,
    String shard,
    long offset,
    long bytes,
    Sha256 sha256,
    int width,
    int height,
    String label,
    String caption,
    String group,
    boolean variant,
    String source,
    String licence,
    String clusterPath,
    String sampledBy) {

  /** The same picture under another key, its shard under another name. */
  public Sample at(String newKey, String newShard) {
    return new Sample(
        newKey,
        newShard,
        offset,
        bytes,
        sha256,
        width,
        height,
        label,
        caption,
        group,
        variant,
        source,
        licence,
        clusterPath,
        sampledBy);
  }
}
