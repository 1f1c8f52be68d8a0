package io.dinoflow.model.recipe;

/**
 * When a training stage commits its state.
 *
 * @param period steps between checkpoints
 * @param probeSteps steps between measurements on the probe batch; each forces a checkpoint; 0 for
 *     none
 * @param maxToKeep last checkpoints kept; 0 keeps all
 * @param keepEvery steps whose multiples are kept for good; 0 for none
 * @param async whether training goes on while a checkpoint is written and committed, for a second
 *     copy of the state in memory; the states are the same either way
 */
public record CheckpointPolicy(
    long period, long probeSteps, int maxToKeep, long keepEvery, boolean async) {
  public CheckpointPolicy {
    Check.atLeast("checkpointing.period", period, 1);
    Check.atLeast("checkpointing.probe_steps", probeSteps, 0);
    Check.atLeast("checkpointing.max_to_keep", maxToKeep, 0);
    Check.atLeast("checkpointing.keep_every", keepEvery, 0);
  }
}
