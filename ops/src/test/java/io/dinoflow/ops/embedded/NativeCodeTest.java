package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.ops.ConfigProblemsException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCodeTest {
  @TempDir private Path folder;

  @Test
  void aLibraryThatIsNotThereIsAProblemOfTheConfiguration() {
    assertThatThrownBy(() -> NativeCode.check(Map.of("PYTORCH_LIBRARY_PATH", folder.toString())))
        .isInstanceOf(ConfigProblemsException.class)
        .hasMessageStartingWith("PYTORCH_LIBRARY_PATH is " + folder);
  }

  @Test
  void theOneAmongTheJarsIsNone() {
    assertThatCode(() -> NativeCode.check(Map.of())).doesNotThrowAnyException();
    // as the image for the CPU sets it
    assertThatCode(() -> NativeCode.check(Map.of("PYTORCH_LIBRARY_PATH", "")))
        .doesNotThrowAnyException();
  }
}
