package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.storage.blob.BlobTable.Tally;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Housekeeping;
import io.dinoflow.storage.checkpoint.Scrub;
import io.dinoflow.storage.lineage.ArtifactRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the commands that keep things print. */
class KeepingTest {
  private static final Environment THEN =
      new Environment("PyTorch 2.7.1", "kernels", 2, "cpu", "amd64+avx2", "0.1.0");
  private static final CheckpointRef WANTED =
      Rows.checkpoint("pretrain", 8, Optional.empty()).ref();

  @Test
  void aRoundIsListedWithWhatWouldExpire() {
    Housekeeping.Round round =
        new Housekeeping.Round(
            List.of(WANTED),
            new Tally(5, 2048),
            new Tally(3, 0),
            new Tally(0, 0),
            2,
            new Tally(40, 1 << 20));

    assertThat(new RoundSheet(round, RoundSheet.Kind.PREVIEW).lines())
        .containsExactly(
            " %s  tiny-1/pretrain@8  would expire".formatted(WANTED.id().shortForm()),
            " checkpoints  1  let go of by policy",
            " blobs        5 (2.0 KiB)  that nothing holds",
            " left         3  blobs for the next round",
            " orphans      0  objects that no row knows",
            " uploads      2  unfinished for a day or more",
            " kept         40 (1.0 MiB)",
            " nothing was changed");
    assertThat(new RoundSheet(round, RoundSheet.Kind.DONE).json())
        .containsEntry("dryRun", false)
        .containsEntry("bytes", 2048L)
        .containsEntry("left", 3L);
  }

  @Test
  void verifyNamesTheDamagedFile() {
    ArtifactRow row =
        new ArtifactRow(
            new ArtifactRef(ArtifactKind.CHECKPOINT, WANTED.id()),
            "tiny-1/pretrain@8",
            Optional.of(Rows.RUN),
            Optional.of("pretrain"),
            Map.of(),
            Rows.NOON);
    Sha256 a = Sha256.ofText("a");
    List<Scrub.Finding> findings =
        List.of(
            new Scrub.Finding(new FileEntry("student.safetensors", a, 100), Optional.empty()),
            new Scrub.Finding(
                new FileEntry("teacher.safetensors", a, 100), Optional.of("it has 7 bytes")));

    assertThat(VerifyCommand.lines(row, findings))
        .anyMatch(line -> line.contains("teacher.safetensors") && line.endsWith("it has 7 bytes"))
        .last()
        .asString()
        .endsWith("1 of 2 files are damaged");
    assertThat(VerifyCommand.json(row, findings)).containsEntry("damaged", 1L);
    assertThat(VerifyCommand.lines(row, findings.subList(0, 1)))
        .last()
        .asString()
        .endsWith("all 1 files, 100 B, are what was committed");
  }

  @Test
  void aReproductionSaysWhetherTheStateIsTheSame() {
    Reproduction same =
        new Reproduction(
            WANTED, Optional.of(new RunId("again")), 4, Optional.of(WANTED), List.of());
    assertThat(same.verdict()).isEqualTo("identical");
    assertThat(same.code()).isEqualTo(ExitCode.OK);

    CheckpointRef other =
        new CheckpointRef(WANTED.id(), WANTED.track(), 8, Sha256.ofText("another state"));
    Reproduction different =
        new Reproduction(WANTED, Optional.of(new RunId("again")), 4, Optional.of(other), List.of());
    assertThat(different.verdict()).isEqualTo("different");
    assertThat(different.code()).isEqualTo(ExitCode.RUN_FAILED);
    assertThat(different.json()).containsEntry("verdict", "different");
  }

  @Test
  void aMachineThatComputesOtherwiseIsNotComparable() {
    Environment here =
        new Environment("PyTorch 2.7.1", "kernels", 4, "cpu", "amd64+avx512", "0.2.0");
    List<String> differences = Reproduction.differences(Optional.of(THEN), here);

    assertThat(differences)
        .containsExactly(
            "instruction set: amd64+avx2 then, amd64+avx512 here", "threads: 2 then, 4 here");
    Reproduction refused = Reproduction.notTried(WANTED, differences);
    assertThat(refused.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(refused.lines()).last().asString().contains("--anyway");
    assertThat(Reproduction.differences(Optional.of(THEN), THEN)).isEmpty();
    assertThat(Reproduction.differences(Optional.empty(), here)).isEmpty();
  }

  @Test
  void aGpuPromisesNoOrderOfSumsAndIsNotComparable() {
    Environment gpu =
        new Environment("PyTorch 2.7.1", "kernels", 2, "cuda:NVIDIA H200", "amd64", "0.1.0");

    assertThat(Reproduction.differences(Optional.of(gpu), gpu))
        .containsExactly("order of sums: not fixed on cuda:NVIDIA H200");
  }

  @Test
  void settingsOfAForkAreReadLikeThoseOfARun() {
    assertThat(RunRequest.overrides(List.of("gram.steps=4", "gram.optim.lr={peak: 1.0e-4}")))
        .hasSize(2)
        .containsKeys("gram.steps", "gram.optim.lr");
    assertThatThrownBy(() -> RunRequest.overrides(List.of("gram.steps")))
        .isInstanceOf(CliFailure.class)
        .hasMessageContaining("key=value");
  }

  @Test
  void aNewRunsIdIsTheOldOnesCutToWhatIsAllowed() {
    assertThat(NewRuns.id(new RunId("r"), "-fork-1").value()).isEqualTo("r-fork-1");
    assertThat(NewRuns.id(new RunId("r".repeat(120)), "-fork-1").value())
        .hasSize(120)
        .endsWith("r-fork-1");
  }
}
