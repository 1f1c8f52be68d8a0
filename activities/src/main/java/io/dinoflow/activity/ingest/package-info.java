/**
 * Brings images in: finds what {@code data.source} names, reads it as a stream within limits,
 * quarantines what cannot be read, and commits shards with a manifest.
 *
 * <p>Everything that comes from outside is taken as hostile: archives, pictures, names. Depends on
 * support and on model-core's data. Start at {@link
 * io.dinoflow.activity.ingest.IngestActivitiesImpl}, then {@link
 * io.dinoflow.activity.ingest.ImageSources} and {@link io.dinoflow.activity.ingest.SafeTar}.
 */
package io.dinoflow.activity.ingest;
