package io.dinoflow.activity.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class TarSourceFuzzTest {
  private static final SafeTar.Limits LIMITS =
      new SafeTar.Limits(1 << 16, 1 << 20, 1000, 100, 1 << 16);

  @TempDir static Path folder;

  @FuzzTest
  void deliversSafeNamesOrRefusesTheArchive(byte[] bytes) throws IOException {
    read(bytes, "pictures.tar");
    read(bytes, "pictures.tar.gz");
  }

  private static void read(byte[] bytes, String name) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    TarSource source =
        new TarSource("fuzzed", List.of(file), LabelTable.none(), new SafeTar(LIMITS));
    try {
      source.read(
          picture -> {
            assertThat(picture.name().split("/")).isNotEmpty().doesNotContain("..");
            assertThat(picture.bytes().length).isLessThanOrEqualTo(1 << 16);
            return ImageSource.Verdict.GO_ON;
          });
    } catch (UnsafeArchiveException | BadSourceException refused) {
      assertThat(refused).message().contains(name);
    }
  }
}
