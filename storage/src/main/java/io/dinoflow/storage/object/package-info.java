/**
 * Immutable objects under keys, wherever they lie: an S3 server, a folder, memory.
 *
 * <p>Depends on nothing of ours. Start at {@link io.dinoflow.storage.object.ObjectStore}; {@link
 * io.dinoflow.storage.object.S3ObjectStore} is the one production uses, {@link
 * io.dinoflow.storage.object.InMemoryObjectStore} the one for tests of callers.
 */
package io.dinoflow.storage.object;
