package io.dinoflow.activity.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LabelTableFuzzTest {
  @TempDir static Path folder;

  @FuzzTest
  void readsATableOrNamesTheFile(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("labels.csv"), bytes);
    try {
      LabelTable.read(file).label("train-00.tar", "a.jpg");
    } catch (BadSourceException refused) {
      assertThat(refused).hasMessageContaining("labels.csv");
    }
  }
}
