package io.dinoflow.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WordingTest {
  @Test
  void writesNoMinusBeforeAZero() {
    assertThat(Wording.similarity(-0.001)).isEqualTo("0.00");
    assertThat(Wording.similarity(-0.01)).isEqualTo("-0.01");
    assertThat(Wording.percent(Metric.of("knn10.top1", -0.0001))).isEqualTo("0.0");
  }

  @Test
  void usesBinaryUnits() {
    assertThat(Wording.bytes(1023)).isEqualTo("1023 B");
    assertThat(Wording.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Wording.bytes(12_400_000)).isEqualTo("12 MiB");
    assertThat(Wording.bytes(1024L * 1024 - 1)).isEqualTo("1.0 MiB");
  }

  @Test
  void writesTheTwoLargestUnitsOfTime() {
    assertThat(Wording.duration(Duration.ofMillis(8240))).isEqualTo("8.2 s");
    assertThat(Wording.duration(Duration.ofSeconds(640))).isEqualTo("10 min 40 s");
    assertThat(Wording.duration(Duration.ofMinutes(125))).isEqualTo("2 h 05 min");
    assertThat(Wording.duration(Duration.ofHours(49))).isEqualTo("2 d 01 h");
  }

  @Test
  void callsADifferenceWithinTwoErrorsNone() {
    assertThat(verdict(0.102, 0.011)).isEqualTo("a beats b by 10.2 ± 1.1 points in linear top-1");
    assertThat(verdict(-0.05, 0.01))
        .isEqualTo("a stays below b by 5.0 ± 1.0 points in linear top-1");
    assertThat(verdict(0.02, 0.01))
        .isEqualTo("a cannot be told apart from b: +2.0 ± 1.0 points in linear top-1");
  }

  private static String verdict(double value, double error) {
    return Wording.verdict(
        new Difference("a", "b", new Metric("linear.top1", value, Optional.of(error))));
  }
}
