package io.dinoflow.model.hub;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads a Hugging Face directory of a DINOv3 model: {@code config.json}, {@code
 * preprocessor_config.json} where there is one, and the weights in {@code model.safetensors} or in
 * the shards that {@code model.safetensors.index.json} names.
 */
public final class HubDirectory {
  static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String PREFIX = "model.";
  private static final long JSON_BYTES_MAX = 64L << 20;
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private HubDirectory() {}

  /** Whether the folder looks like such a directory. */
  public static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(HubConfig.FILE));
  }

  /**
   * @throws UnsupportedModelException it is none, or asks for what dinoflow cannot honour
   * @throws io.dinoflow.model.weights.MalformedSafetensorsException its weights are no such file
   */
  public static ForeignModel read(Path folder) {
    List<Path> files = new ArrayList<>();
    Path config = folder.resolve(HubConfig.FILE);
    if (!is(folder)) {
      throw new UnsupportedModelException(
          "%s has no %s, so it is no Hugging Face directory".formatted(folder, HubConfig.FILE));
    }
    files.add(config);
    HubConfig.Read read = HubConfig.read(json(config));
    Path processor = folder.resolve(HubPreprocessor.FILE);
    Preprocessing preprocessing = Preprocessing.IMAGENET.withSide(Math.max(1, read.imageSize()));
    if (Files.isRegularFile(processor)) {
      files.add(processor);
      preprocessing = HubPreprocessor.read(json(processor), read.imageSize());
    }
    Map<String, StoredTensor> tensors = tensors(folder, files);
    return new ForeignModel(
        read.backbone(),
        preprocessing,
        new HubLayout(read.backbone()).toOfficial(tensors, folder.toString()),
        files);
  }

  private static Map<String, StoredTensor> tensors(Path folder, List<Path> files) {
    Path single = folder.resolve(WEIGHTS);
    if (Files.isRegularFile(single)) {
      files.add(single);
      Map<String, StoredTensor> tensors = new HashMap<>();
      TensorFile.read(single).tensors().forEach(t -> put(tensors, t));
      return tensors;
    }
    Path index = folder.resolve(INDEX);
    if (!Files.isRegularFile(index)) {
      throw new UnsupportedModelException(
          "%s has neither %s nor %s".formatted(folder, WEIGHTS, INDEX));
    }
    files.add(index);
    return sharded(folder, json(index).path("weight_map"), files);
  }

  /**
   * Every tensor must lie in the shard that the index names, and every shard's tensor in the index.
   */
  private static Map<String, StoredTensor> sharded(Path folder, JsonNode map, List<Path> files) {
    Map<String, String> shardOf = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String shard = entry.getValue().asText();
      if (!shard.matches("[A-Za-z0-9][A-Za-z0-9._-]*\\.safetensors")) {
        throw new UnsupportedModelException(
            "%s puts tensor \"%s\" into \"%s\", which is no file of the folder"
                .formatted(INDEX, entry.getKey(), shard));
      }
      shardOf.put(entry.getKey(), shard);
    }
    if (shardOf.isEmpty()) {
      throw new UnsupportedModelException(INDEX + " has no weight_map");
    }
    Map<String, StoredTensor> tensors = new HashMap<>();
    for (String shard : new TreeSet<>(shardOf.values())) {
      Path file = folder.resolve(shard);
      if (!Files.isRegularFile(file)) {
        throw new UnsupportedModelException(
            "%s names the shard %s, which is not there".formatted(INDEX, shard));
      }
      files.add(file);
      for (StoredTensor tensor : TensorFile.read(file).tensors()) {
        if (!shard.equals(shardOf.remove(tensor.name()))) {
          throw new UnsupportedModelException(
              "tensor \"%s\" lies in %s, but %s does not say so"
                  .formatted(tensor.name(), shard, INDEX));
        }
        put(tensors, tensor);
      }
    }
    if (!shardOf.isEmpty()) {
      throw new UnsupportedModelException(
          "%s names tensors that no shard holds: %s"
              .formatted(INDEX, new TreeSet<>(shardOf.keySet())));
    }
    return tensors;
  }

  private static void put(Map<String, StoredTensor> tensors, StoredTensor tensor) {
    String name = tensor.name();
    String bare = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    if (tensors.put(bare, tensor) != null) {
      throw new UnsupportedModelException("two tensors are called \"%s\"".formatted(bare));
    }
  }

  static JsonNode json(Path file) {
    try {
      if (Files.size(file) > JSON_BYTES_MAX) {
        throw new UnsupportedModelException(
            "%s has %d bytes, at most %d are read"
                .formatted(file, Files.size(file), JSON_BYTES_MAX));
      }
      return JSON.readTree(Files.readAllBytes(file));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new UnsupportedModelException(
          "%s is no JSON with unique keys: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
