package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Which file of a checkpoint holds which tensors of a learner; writing and reading use the same
 * table, so they cannot drift apart.
 *
 * <p>Reading is strict: every tensor of the table must be there with its shape, and nothing else.
 */
public final class StateParts {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GUARD = "guard.json";

  private final Map<String, Map<String, NDArray>> files = new TreeMap<>();

  /** Puts a state dict's tensors into a file under a prefix. */
  StateParts put(String file, String prefix, StateDict weights) {
    Map<String, NDArray> tensors = files.computeIfAbsent(file, f -> new TreeMap<>());
    weights.forEach((name, tensor) -> tensors.put(prefix + name, tensor));
    return this;
  }

  /** Puts a learner's moments into {@code optimizer.safetensors}. */
  StateParts putMoments(Learner learner) {
    for (String module : learner.moduleNames()) {
      List<StateDict> moments = learner.moments(module);
      put("optimizer.safetensors", "exp_avg." + module + ".", moments.get(0));
      put("optimizer.safetensors", "exp_avg_sq." + module + ".", moments.get(1));
    }
    return this;
  }

  /** Arrays of the same names and shapes, under another manager. */
  StateParts sameShapes(NDManager manager) {
    StateParts same = new StateParts();
    files.forEach(
        (file, tensors) -> {
          Map<String, NDArray> empty = new TreeMap<>();
          tensors.forEach(
              (name, tensor) ->
                  empty.put(name, manager.zeros(tensor.getShape(), tensor.getDataType())));
          same.files.put(file, empty);
        });
    return same;
  }

  /** Copies every tensor to its place in a table of {@link #sameShapes}. */
  void copyTo(StateParts same) {
    files.forEach(
        (file, tensors) -> {
          Map<String, NDArray> places = Objects.requireNonNull(same.files.get(file), file);
          NDList from = new NDList();
          NDList into = new NDList();
          tensors.forEach(
              (name, tensor) -> {
                from.add(tensor);
                into.add(Objects.requireNonNull(places.get(name), name));
              });
          Tensors.copyAll(into, from);
        });
  }

  /** Where a track's files lie within a snapshot's folder. */
  static Path folder(Path snapshot, String track) {
    return track.isEmpty() ? snapshot : snapshot.resolve(track);
  }

  Snapshot write(Path folder, long step, HealthGuard.State guard) {
    try {
      Files.createDirectories(folder);
      List<BlobFile> written = new ArrayList<>();
      for (Map.Entry<String, Map<String, NDArray>> file : files.entrySet()) {
        written.add(
            Safetensors.write(folder.resolve(file.getKey()), file.getKey(), file.getValue()));
      }
      byte[] json = JSON.writeValueAsBytes(guard);
      Path guardFile = Files.write(folder.resolve(GUARD), json);
      written.add(new BlobFile(GUARD, guardFile, Sha256.of(json), json.length));
      return new Snapshot(step, written);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the checkpoint's parts to " + folder, e);
    }
  }

  /** Reads every file of the table from a checkpoint's folder into the learner's arrays. */
  HealthGuard.State read(Path folder) {
    files.forEach((file, tensors) -> Safetensors.readInto(folder.resolve(file), tensors));
    try {
      return JSON.readValue(folder.resolve(GUARD).toFile(), HealthGuard.State.class);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder.resolve(GUARD), e);
    }
  }
}
