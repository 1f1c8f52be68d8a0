/**
 * Models that people rely on, by name: numbered versions, aliases that say which one serves, and
 * every move of an alias with who, why and on what numbers; and what retraining schedules decided.
 *
 * <p>A version is a checkpoint; what it was made from is lineage's to say. Start at {@link
 * io.dinoflow.storage.registry.ModelRegistry}, then {@link io.dinoflow.storage.registry.FiringLog}.
 */
package io.dinoflow.storage.registry;
