package io.dinoflow.model.train;

import io.dinoflow.model.artifact.BlobFile;
import java.util.List;

/**
 * A track's whole state as finished local files. The tensor files ({@code *.safetensors}) define
 * the state digest.
 */
public record Snapshot(long step, List<BlobFile> files) {
  public Snapshot {
    files = List.copyOf(files);
  }
}
