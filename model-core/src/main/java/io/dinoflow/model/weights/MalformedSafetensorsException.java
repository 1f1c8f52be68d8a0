package io.dinoflow.model.weights;

import java.nio.file.Path;

/** A file is not the safetensors it claims to be; the message names the tensor. */
public final class MalformedSafetensorsException extends RuntimeException {
  MalformedSafetensorsException(Path file, String why) {
    super("%s is no valid safetensors file: %s".formatted(file, why));
  }
}
