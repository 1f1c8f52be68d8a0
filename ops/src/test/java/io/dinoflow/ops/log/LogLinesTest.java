package io.dinoflow.ops.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final LoggerContext CONTEXT = new LoggerContext();

  @Test
  void isOneObjectALine() throws Exception {
    String line =
        json(
            event(
                "from step {} on\nsecond line",
                Map.of("run", "r1", "stage", "gram", "step", "7"),
                null));

    assertThat(line.strip().lines()).hasSize(1);
    JsonNode fields = JSON.readTree(line);
    assertThat(fields.get("time").asText()).isEqualTo("2030-01-02T03:04:05.678Z");
    assertThat(fields.get("level").asText()).isEqualTo("WARN");
    assertThat(fields.get("logger").asText()).isEqualTo("io.dinoflow.Somewhere");
    assertThat(fields.get("message").asText()).isEqualTo("from step 5 on\nsecond line");
    assertThat(fields.get("run").asText()).isEqualTo("r1");
    assertThat(fields.get("stage").asText()).isEqualTo("gram");
    assertThat(fields.get("step").isNumber()).isTrue();
    assertThat(fields.has("error")).isFalse();
  }

  @Test
  void carriesTheStackInTheSameLine() throws Exception {
    String line = json(event("failed", Map.of(), new IllegalStateException("why")));

    assertThat(line.strip().lines()).hasSize(1);
    assertThat(JSON.readTree(line).get("error").asText())
        .contains("IllegalStateException: why")
        .contains("LogLinesTest");
  }

  @Test
  void isTextForPeople() {
    LogLines lines = new LogLines();
    String line =
        new String(
            lines.encode(event("from step {}", Map.of("run", "r1", "step", "7"), null)),
            StandardCharsets.UTF_8);

    assertThat(line)
        .isEqualTo(
            "2030-01-02T03:04:05.678Z WARN  [%s] Somewhere from step 5 (run=r1 step=7)\n"
                .formatted(Thread.currentThread().getName()));
  }

  @Test
  void noContextReplacesAFieldOfTheLineItself() throws Exception {
    assertThat(JSON.readTree(json(event("x", Map.of("level", "FAKE"), null))).get("level").asText())
        .isEqualTo("WARN");
  }

  @Test
  void showsASecretNowhere() {
    Secrets.hide("correct-horse-battery");
    LoggingEvent event =
        event(
            "cannot reach jdbc:postgresql://u:hunter2@db/x?user=u&password=hunter3 with"
                + " correct-horse-battery",
            Map.of("stage", "correct-horse-battery"),
            new IllegalStateException("Authorization: Bearer abc.def secret_key=hunter4"));
    LogLines text = new LogLines();

    for (String line :
        new String[] {json(event), new String(text.encode(event), StandardCharsets.UTF_8)}) {
      assertThat(line)
          .contains("[hidden]", "db/x?user=u")
          .doesNotContain("correct-horse", "hunter2", "hunter3", "hunter4", "abc.def");
    }
  }

  @Test
  void leavesWordsThatOnlySoundSecret() {
    assertThat(Secrets.without("class token 3, password of nobody, tokens: 77"))
        .isEqualTo("class token 3, password of nobody, tokens: 77");
  }

  private static String json(LoggingEvent event) {
    LogLines lines = new LogLines();
    lines.setFormat("json");
    return new String(lines.encode(event), StandardCharsets.UTF_8);
  }

  private static LoggingEvent event(
      String message, Map<String, String> context, Throwable failure) {
    LoggingEvent event =
        new LoggingEvent(
            LogLinesTest.class.getName(),
            CONTEXT.getLogger("io.dinoflow.Somewhere"),
            Level.WARN,
            message,
            failure,
            new Object[] {5});
    event.setInstant(Instant.parse("2030-01-02T03:04:05.678Z"));
    event.setMDCPropertyMap(context);
    return event;
  }
}
