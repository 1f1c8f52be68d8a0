package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRequestTest {
  @TempDir Path folder;

  @Test
  void isTheJsonThatTheWebInterfaceTakes() {
    RunRequest request =
        RunRequest.of(
            "demo",
            List.of("pretrain.steps=2000", "students=[a, b]", "name=x=y"),
            Optional.of("emoji"),
            RunRequest.Reuse.NEVER);

    assertThat(request.json())
        .hasToString(
            "{\"recipe\":\"demo\",\"overrides\":{\"pretrain.steps\":2000,"
                + "\"students\":[\"a\",\"b\"],\"name\":\"x=y\"},\"data\":\"emoji\",\"reuse\":false}");
  }

  @Test
  void leavesOutWhatWasNotSaid() {
    assertThat(of("demo").json()).hasToString("{\"recipe\":\"demo\"}");
  }

  @Test
  void asksForStepsToBeRecordedBesideTheRecipe() {
    assertThat(of("demo").profiling(Optional.of(20)).json())
        .hasToString("{\"recipe\":\"demo\",\"profile\":20}");
    assertThat(of("demo").profiling(Optional.empty()).json()).isEqualTo(of("demo").json());
    for (int wrong : new int[] {0, -1, 1001}) {
      assertThatThrownBy(() -> of("demo").profiling(Optional.of(wrong)))
          .isInstanceOf(CliFailure.class)
          .hasMessageContaining("--profile " + wrong);
    }
  }

  @Test
  void readsARecipeFromAFileAndNamesTheRunAfterIt() throws Exception {
    Path file = Files.writeString(folder.resolve("my recipe.yaml"), "seed: 7\nstages: []\n");

    RunRequest request = of(file.toString());

    assertThat(request.json()).hasToString("{\"recipe\":{\"seed\":7,\"stages\":[]}}");
    assertThat(request.recipeName()).isEqualTo("my-recipe");
  }

  @Test
  void saysWhatIsWrongWithASettingOrAFile() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.yaml"), "a: [1\nb: 2\n");

    assertThatThrownBy(() -> of(broken.toString()))
        .isInstanceOf(CliFailure.class)
        .hasMessageContaining("broken.yaml")
        .hasMessageContaining("line");
    assertThatThrownBy(
            () ->
                RunRequest.of("demo", List.of("steps"), Optional.empty(), RunRequest.Reuse.ALLOWED))
        .isInstanceOf(CliFailure.class)
        .hasMessageContaining("--set steps");
  }

  @Test
  void namesAFolderSoThatAWorkerFindsIt() {
    RunRequest request =
        RunRequest.of(
            "demo",
            List.of(),
            Optional.of(folder.resolve("..").resolve(folder.getFileName()).toString()),
            RunRequest.Reuse.ALLOWED);

    assertThat(request.json().get("data").asText()).isEqualTo(folder.toString());
  }

  private static RunRequest of(String recipe) {
    return RunRequest.of(recipe, List.of(), Optional.empty(), RunRequest.Reuse.ALLOWED);
  }
}
