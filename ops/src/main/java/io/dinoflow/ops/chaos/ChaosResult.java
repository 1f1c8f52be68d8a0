package io.dinoflow.ops.chaos;

import java.util.List;
import java.util.Map;

/**
 * What was done and what was found.
 *
 * @param injected strikes by fault; what could not be done is in {@code skipped}
 * @param attemptsThatDied attempts that lost their track to a later one
 * @param findings broken promises; none, if all were kept
 */
public record ChaosResult(
    long seed,
    int kills,
    int strikes,
    Map<String, Integer> injected,
    Map<String, Integer> skipped,
    int runs,
    int commits,
    int attemptsThatDied,
    long blobsCollected,
    long seconds,
    List<String> findings) {
  public ChaosResult {
    findings = List.copyOf(findings);
  }

  /** Whether every promise was kept. */
  public boolean kept() {
    return findings.isEmpty();
  }
}
