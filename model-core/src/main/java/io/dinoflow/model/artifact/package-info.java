/**
 * References to what was made: run, track, checkpoint, dataset, metric, and the kinds of edge
 * between them.
 *
 * <p>Plain records on the JDK and Jackson annotations; every room may depend on them. Start at
 * {@link io.dinoflow.model.artifact.RunId}, then {@link io.dinoflow.model.artifact.TrackId}, {@link
 * io.dinoflow.model.artifact.CheckpointRef} and {@link io.dinoflow.model.artifact.EdgeKind}.
 */
package io.dinoflow.model.artifact;
