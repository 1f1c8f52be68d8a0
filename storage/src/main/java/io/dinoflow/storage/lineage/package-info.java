/**
 * Runs, stages, tracks, artifacts, and the edges between them: what was made, from what, when and
 * why.
 *
 * <p>The facts are written by the stores of checkpoints and artifacts in the transactions that make
 * the bytes real; here they are read, and runs and stages are recorded. Start at {@link
 * io.dinoflow.storage.lineage.LineageStore}, then {@link io.dinoflow.storage.lineage.RunRow},
 * {@link io.dinoflow.storage.lineage.StageRow} and {@link io.dinoflow.storage.lineage.Ancestry}.
 */
package io.dinoflow.storage.lineage;
