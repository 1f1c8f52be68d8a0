/**
 * Real servers for integration tests of every module: PostgreSQL and an S3 server, started once a
 * JVM. Start at {@link io.dinoflow.storage.testing.TestServers}.
 */
package io.dinoflow.storage.testing;
