package io.dinoflow.model.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class TensorFileFuzzTest {
  @TempDir static Path folder;

  @FuzzTest
  void refusesWhatItCannotReadAndKeepsToTheFile(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("model.safetensors"), bytes);
    try {
      TensorFile read = TensorFile.read(file);
      long values = read.tensors().stream().mapToLong(StoredTensor::bytes).sum();
      assertThat(values).isLessThanOrEqualTo(bytes.length);
    } catch (MalformedSafetensorsException refused) {
      assertThat(refused).hasMessageContaining("model.safetensors");
    }
  }
}
