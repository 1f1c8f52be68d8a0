/**
 * Models that people rely on, by name: numbered versions, aliases that say which one serves, and
 * every move of an alias with who, why and on what numbers.
 *
 * <p>A version is a checkpoint; what it was made from is lineage's to say. Start at {@link
 * io.dinoflow.storage.registry.ModelRegistry}.
 */
package io.dinoflow.storage.registry;
