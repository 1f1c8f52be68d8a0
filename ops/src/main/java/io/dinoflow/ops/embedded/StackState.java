package io.dinoflow.ops.embedded;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What runs in a home, as its supervisor last wrote it: {@code state.json}. It is written at every
 * start and end of a child, before the child is used, so that what a kill -9 leaves over can be
 * found. {@code environment} holds the addresses (no secrets; those are in {@link Credentials}).
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StackState(
    ProcessId supervisor,
    Phase phase,
    String failure,
    List<ProcessId> children,
    Map<String, String> environment,
    List<String> notices) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How far the supervisor is. */
  public enum Phase {
    STARTING,
    READY,
    FAILED,
    STOPPING
  }

  public StackState {
    children = List.copyOf(children);
    environment = Map.copyOf(environment);
    notices = List.copyOf(notices);
  }

  /** Reads the file; nothing when there is none. */
  static Optional<StackState> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file), StackState.class));
    } catch (JsonProcessingException e) {
      throw new IOException(
          "%s cannot be read (%s): if no process of this home runs, delete the file"
              .formatted(file, e.getOriginalMessage()),
          e);
    }
  }

  /** Replaces the file in one step: a reader sees the old or the new state. */
  void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    Files.writeString(draft, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
