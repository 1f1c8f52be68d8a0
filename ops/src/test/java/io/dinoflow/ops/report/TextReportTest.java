package io.dinoflow.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TextReportTest {
  private static final TextReport.Places PLACES =
      new TextReport.Places(
          Optional.of("/home/x/reports/demo.html"),
          Optional.of("http://127.0.0.1:8080/runs/demo-0a1b2c3d"),
          Optional.empty());

  @Test
  void saysWhatWasMadeHowGoodItIsAndWhereToLook() throws IOException {
    List<String> lines =
        new TextReport(PLACES, Set.of("lineage", "export", "verify", "runs"))
            .lines(DemoRun.report(DemoRun.done()));

    assertThat(lines)
        .contains("run demo-0a1b2c3d is done")
        .anyMatch(line -> line.matches(" pretrain +[0-9a-f]{8}  checkpoint +600 +12 MiB"))
        .anyMatch(
            line -> line.matches(" distill +[0-9a-f]{8}  checkpoint of convnext +100 +12 MiB"))
        .anyMatch(line -> line.matches(" highres +62\\.3 ± 0\\.8 +53\\.3 ± 1\\.1 +66\\.3 ± 0\\.7"))
        .anyMatch(line -> line.contains("beats random weights by 10.2 ± 1.1 points"))
        .contains(" report     /home/x/reports/demo.html")
        .contains(" page       http://127.0.0.1:8080/runs/demo-0a1b2c3d");
  }

  @Test
  void alignsColumnsWithNumbersOnTheRight() throws IOException {
    List<String> lines = new TextReport(PLACES, Set.of()).lines(DemoRun.report(DemoRun.done()));

    List<String> table =
        lines.subList(
            lines.indexOf(
                lines.stream().filter(l -> l.startsWith(" made ")).findFirst().orElseThrow()),
            lines.indexOf(
                    lines.stream().filter(l -> l.startsWith(" align ")).findFirst().orElseThrow())
                + 1);
    assertThat(table.stream().map(String::length).distinct()).hasSize(1);
  }

  @Test
  void recommendsThreeCommandsThatExist() throws IOException {
    RunReport report = DemoRun.report(DemoRun.done());

    assertThat(commands(report, Set.of("lineage", "export", "verify", "runs", "down")))
        .containsExactly("lineage", "export", "verify");
    assertThat(commands(report, Set.of("down", "status", "runs")))
        .containsExactly("runs", "status", "down");
    assertThat(commands(report, Set.of("report"))).containsExactly("report");
  }

  @Test
  void saysWhatAFailedRunLacks() throws IOException {
    List<String> lines = new TextReport(PLACES, Set.of()).lines(DemoRun.report(DemoRun.failed()));

    assertThat(lines)
        .contains("run demo-0a1b2c3d is failed")
        .contains(" missing    No evaluation: stage evaluate is waiting.")
        .anyMatch(line -> line.contains("the loss is <b>NaN</b> at step 640"))
        .noneMatch(line -> line.startsWith(" subject"));
  }

  @Test
  void printsNoControlCharacters() throws IOException {
    FakeFacts facts = DemoRun.failedBecause("\u001b[31mred\u0007\nnext");

    assertThat(String.join("", new TextReport(PLACES, Set.of()).lines(DemoRun.report(facts))))
        .doesNotContainPattern("\\p{Cntrl}")
        .contains("?[31mred? next");
  }

  private static List<String> commands(RunReport report, Set<String> known) {
    return new TextReport(PLACES, known)
        .lines(report).stream()
            .filter(line -> line.contains("dinoflow ") && !line.startsWith(" what"))
            .map(line -> line.replaceFirst(".*dinoflow (\\w+).*", "$1"))
            .toList();
  }
}
