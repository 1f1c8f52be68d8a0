/**
 * The servers of {@code docker-compose.yml} in containers, where an engine is there to run them.
 */
package io.dinoflow.storage.compose;
