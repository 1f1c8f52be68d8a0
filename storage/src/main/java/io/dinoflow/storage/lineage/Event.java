package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import java.time.Instant;

/**
 * Something that happened to a run and that people may ask about.
 *
 * @param stage empty where it concerns the run
 * @param kind a word such as {@code paused}, {@code gram_refresh}, {@code fell_back}
 */
public record Event(RunId run, String stage, Instant at, String kind, String text) {}
