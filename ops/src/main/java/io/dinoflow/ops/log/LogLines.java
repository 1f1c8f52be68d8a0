package io.dinoflow.ops.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A log event as one line: JSON in files, for programs that collect them; text on a terminal, for
 * people. Secrets are in neither.
 *
 * <p>Fields of JSON: {@code time} (UTC, milliseconds), {@code level}, {@code logger}, {@code
 * message}, {@code thread}, then what is known of {@code run}, {@code stage}, {@code step}, {@code
 * activity}, {@code attempt}, {@code workflow}, and {@code error}, a stack. Logback makes it; see
 * logback.xml.
 */
public final class LogLines extends EncoderBase<ILoggingEvent> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final String AS_JSON = "json";

  /** What activities name, see LogContext; whatever else libraries name stays out. */
  private static final List<String> CONTEXT =
      List.of("run", "stage", "step", "activity", "attempt");

  /** Temporal's SDK names the workflow so, in workflow code too. */
  private static final String SDK_WORKFLOW = "WorkflowId";

  private String format = "text";

  /** {@code json} or {@code text}; set by Logback from its configuration. */
  public void setFormat(String format) {
    this.format = format;
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    String line = format.equals(AS_JSON) ? json(event) : text(event);
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  private static String json(ILoggingEvent event) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", time(event));
    fields.put("level", event.getLevel().toString());
    fields.put("logger", event.getLoggerName());
    fields.put("message", Secrets.without(String.valueOf(event.getFormattedMessage())));
    fields.put("thread", event.getThreadName());
    Map<String, String> known = event.getMDCPropertyMap();
    for (String name : CONTEXT) {
      if (known.containsKey(name)) {
        fields.put(name, number(name, Secrets.without(String.valueOf(known.get(name)))));
      }
    }
    if (known.containsKey(SDK_WORKFLOW)) {
      fields.put("workflow", known.get(SDK_WORKFLOW));
    }
    if (event.getThrowableProxy() != null) {
      fields.put("error", stack(event));
    }
    try {
      return JSON.writeValueAsString(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings and numbers are always JSON", e);
    }
  }

  /** Steps and attempts are numbers, so that a program can compare them. */
  private static Object number(String name, String value) {
    return (name.equals("step") || name.equals("attempt")) && value.matches("\\d{1,18}")
        ? (Object) Long.valueOf(value)
        : value;
  }

  private static String text(ILoggingEvent event) {
    Map<String, String> known = event.getMDCPropertyMap();
    String whom =
        java.util.stream.Stream.of("run", "stage", "step")
            .filter(known::containsKey)
            .map(name -> name + "=" + known.get(name))
            .collect(Collectors.joining(" "));
    String line =
        "%s %-5s [%s] %s %s%s"
            .formatted(
                time(event),
                event.getLevel(),
                event.getThreadName(),
                event.getLoggerName().replaceFirst(".*\\.", ""),
                event.getFormattedMessage(),
                whom.isEmpty() ? "" : " (" + whom + ")");
    return Secrets.without(event.getThrowableProxy() == null ? line : line + "\n" + stack(event));
  }

  private static String time(ILoggingEvent event) {
    return TIME.format(Instant.ofEpochMilli(event.getTimeStamp()));
  }

  private static String stack(ILoggingEvent event) {
    return Secrets.without(ThrowableProxyUtil.asString(event.getThrowableProxy()).strip());
  }
}
