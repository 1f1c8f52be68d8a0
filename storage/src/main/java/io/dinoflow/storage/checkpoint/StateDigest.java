package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.FileEntry;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The digest that is equal for equal tensors, whoever computed them and whatever came before. */
public final class StateDigest {
  private StateDigest() {}

  /** SHA-256 over the sorted lines {@code name sha256\n} of the {@code *.safetensors} files. */
  public static Sha256 of(List<FileEntry> files) {
    return Sha256.ofText(
        files.stream()
            .filter(file -> file.name().endsWith(".safetensors"))
            .sorted(Comparator.comparing(FileEntry::name))
            .map(file -> file.name() + " " + file.sha256() + "\n")
            .collect(Collectors.joining()));
  }
}
