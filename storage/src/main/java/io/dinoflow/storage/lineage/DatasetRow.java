package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.DatasetRef;
import java.time.Instant;

/** A registered dataset version. */
public record DatasetRow(DatasetRef ref, Instant createdAt) {}
