package io.dinoflow.model.plan;

/**
 * The network that a track trains, in numbers.
 *
 * @param student its name where the stage has several, else empty
 * @param backboneParameters of the backbone alone, which is what an export holds; frozen where text
 *     is aligned with it
 * @param trainedParameters of all that the optimizer moves: with heads or towers
 * @param checkpointBytes of one checkpoint, to within a percent
 * @param checkpoints that policy alone commits; pauses and restarts add some
 * @param kept of them when the stage has ended
 */
public record TrackSize(
    String student,
    long backboneParameters,
    long trainedParameters,
    long checkpointBytes,
    long checkpoints,
    long kept) {}
