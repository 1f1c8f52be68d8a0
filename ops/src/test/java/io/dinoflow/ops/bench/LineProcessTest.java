package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineProcessTest {
  private static final String ECHO =
      """
      echo '{"ready":"echo"}'
      while read line; do echo "{\\"said\\":\\"$line $MOOD\\"}"; done
      """;

  @TempDir Path folder;

  @Test
  void answersEveryLineWithOne() throws Exception {
    try (LineProcess process = start(ECHO)) {
      assertThat(process.name()).isEqualTo("echo");
      assertThat(process.ask("one").required("said").asText()).isEqualTo("one calm");
      assertThat(process.ask("two").required("said").asText()).isEqualTo("two calm");
    }
  }

  @Test
  void oneThatEndsIsReportedWithWhatItComplained() throws Exception {
    assertThatThrownBy(() -> start("echo 'no such module' >&2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no such module");
    try (LineProcess process =
        start("echo '{\"ready\":\"x\"}'; read line; echo \"cannot $line\" >&2")) {
      assertThatThrownBy(() -> process.ask("fly")).hasMessageContaining("cannot fly");
    }
  }

  private LineProcess start(String script) throws IOException {
    return LineProcess.start(
        List.of("sh", "-c", script), Map.of("MOOD", "calm"), folder.resolve("complaints.log"));
  }
}
