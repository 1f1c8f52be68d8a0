/**
 * Models that came from elsewhere, as checkpoints.
 *
 * <p>Uses the hub of model-core to understand them and the stores to keep them. Start at {@link
 * io.dinoflow.activity.hub.ImportedModels}.
 */
package io.dinoflow.activity.hub;
