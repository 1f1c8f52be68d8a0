package io.dinoflow.model.artifact;

import java.nio.file.Path;

/**
 * A finished local file that is to become an immutable blob.
 *
 * @param name its name within the checkpoint or artifact, such as {@code teacher.safetensors}
 * @param sha256 of its bytes, taken while it was written
 */
public record BlobFile(String name, Path file, Sha256 sha256, long bytes) {}
