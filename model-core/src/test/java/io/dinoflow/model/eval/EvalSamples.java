package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;

/** Samples without pictures. */
final class EvalSamples {
  private EvalSamples() {}

  static Sample of(String key, String label, String group, boolean variant) {
    return new Sample(
        key,
        "shard.tar",
        0,
        1,
        Sha256.ofText(key),
        8,
        8,
        label,
        "",
        group,
        variant,
        "test",
        "none",
        "",
        "");
  }
}
