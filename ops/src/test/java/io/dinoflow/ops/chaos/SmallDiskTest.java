package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallDiskTest {
  @TempDir Path folder;

  @Test
  void hasNoByteLeftUntilItIsFreed() throws Exception {
    Path mounted = folder.resolve("disk");
    Optional<SmallDisk> disk = SmallDisk.on(mounted, 1);
    assumeTrue(disk.isPresent(), "no file system can be mounted here: root can");
    try (SmallDisk small = disk.get()) {
      small.fill();
      assertThatThrownBy(() -> Files.write(mounted.resolve("file"), new byte[8_192]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");

      small.free();
      Files.write(mounted.resolve("file"), new byte[8_192]);
    }
    assertThat(mounted).as("nothing is mounted any more").isEmptyDirectory();
  }
}
