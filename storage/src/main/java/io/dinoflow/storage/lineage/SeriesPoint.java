package io.dinoflow.storage.lineage;

/** One number of a track's thinned curve. */
public record SeriesPoint(long step, String name, double value) {}
