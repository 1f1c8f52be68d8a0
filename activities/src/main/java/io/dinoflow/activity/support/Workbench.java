package io.dinoflow.activity.support;

import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.lineage.LineageStore;

/** What activities work with; one a worker process. Everything in it is thread-safe. */
public record Workbench(
    CheckpointStore checkpoints,
    ArtifactStore artifacts,
    LineageStore lineage,
    ManifestStore manifests,
    DatasetCache datasets,
    Scratch scratch,
    Profiles profiles,
    Recipes recipes,
    Machine machine,
    HeartbeatPolicy heartbeat) {}
