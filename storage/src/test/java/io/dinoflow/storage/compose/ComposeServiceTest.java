package io.dinoflow.storage.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.testcontainers.utility.DockerImageName;

class ComposeServiceTest {

  @Test
  void findsTheImageThatIsWrittenAndTheOneThatIsADefault() throws Exception {
    assertThat(DockerImageName.parse(ComposeService.image("postgres")).getUnversionedPart())
        .isEqualTo("postgres");
    assertThat(ComposeService.image("s3")).contains(":RELEASE.").contains("@sha256:");
    assertThat(ComposeService.image("temporal")).startsWith("temporalio/");
  }

  @Test
  void saysWhichServiceIsMissing() {
    assertThatThrownBy(() -> ComposeService.image("oracle"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("oracle");
  }
}
