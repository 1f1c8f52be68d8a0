/**
 * The services dinoflow brings along: PostgreSQL, an S3 server, Temporal, the workers, and the
 * supervisor process that owns them.
 *
 * <p>Used by the command line only. Everything binds to loopback and keeps its state in one {@link
 * io.dinoflow.ops.Home}. Start at {@link io.dinoflow.ops.embedded.Stack} (what a command calls).
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.embedded;
