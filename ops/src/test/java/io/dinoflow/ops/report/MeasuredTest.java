package io.dinoflow.ops.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.workflow.Payloads;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MeasuredTest {
  @Test
  void readsWhatAnEvaluationWrites() throws Exception {
    EvaluationReport report = DemoRun.report(DemoRun.done()).evaluation().orElseThrow().report();

    assertThat(Measured.parse(Payloads.mapper().writeValueAsBytes(report))).isEqualTo(report);
  }

  @Test
  void refusesAnotherFormatAndNoJson() throws Exception {
    byte[] other =
        Payloads.mapper()
            .writeValueAsString(DemoRun.report(DemoRun.done()).evaluation().orElseThrow().report())
            .replace(EvaluationReport.FORMAT, "dinoflow.evaluation/9")
            .getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> Measured.parse(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dinoflow.evaluation/9");
    assertThatThrownBy(() -> Measured.parse(new byte[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("report.json");
  }

  @Test
  void measuresAPngAndRefusesWhatIsNone() {
    byte[] png = DemoRun.png(new BufferedImage(5, 7, BufferedImage.TYPE_INT_RGB));

    assertThat(Picture.ofPng(png))
        .hasValueSatisfying(
            picture -> {
              assertThat(picture.width()).isEqualTo(5);
              assertThat(picture.height()).isEqualTo(7);
              assertThat(picture.dataUri()).startsWith("data:image/png;base64,iVBORw0KGgo");
            });
    assertThat(Picture.ofPng("<svg onload=alert(1)>".repeat(5).getBytes(StandardCharsets.UTF_8)))
        .isEmpty();
    assertThat(Picture.ofPng(new byte[3])).isEmpty();
  }
}
