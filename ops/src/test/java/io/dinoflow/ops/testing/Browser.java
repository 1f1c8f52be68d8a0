package io.dinoflow.ops.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;

/**
 * A headless Chromium, driven as the WebDriver protocol (W3C) says through chromedriver. It sees
 * what a person sees: elements are found by their visible words or a CSS selector, and waited for.
 */
public final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

  /** Of the WebDriver protocol's errors, those that a page has while it loads or is drawn anew. */
  private static final Set<String> IN_MOTION =
      Set.of(
          "no such element",
          "stale element reference",
          "element click intercepted",
          "element not interactable",
          "invalid element state",
          "javascript error",
          "aborted by navigation");

  /**
   * Clicks the first visible element of a kind whose words begin so; says whether there was one.
   */
  private static final String CLICK_WORDS =
      """
      for (const e of document.querySelectorAll(arguments[0])) {
        if (e.innerText.trim().startsWith(arguments[1]) && e.getClientRects().length && !e.disabled) {
          e.scrollIntoView({block: 'center'}); e.click(); return true;
        }
      }
      return false;
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process driver;
  private final URI session;

  private Browser(Process driver, URI session) {
    this.driver = driver;
    this.session = session;
  }

  /** Skips the test by name, with the way to get it, where there is none. */
  public static Browser orSkip() throws Exception {
    Optional<Path> driver = onPath("chromedriver");
    boolean there = driver.isPresent() && onPath("chromium").isPresent();
    assumeTrue(
        there, "no chromium and chromedriver on PATH: `apt-get install chromium chromium-driver`");
    Process process =
        new ProcessBuilder(driver.orElseThrow().toString(), "--port=0")
            .redirectErrorStream(true)
            .start();
    try {
      URI server = URI.create("http://127.0.0.1:" + port(process) + "/");
      Map<String, Object> chromium =
          Map.of(
              "binary",
              onPath("chromium").orElseThrow().toString(),
              "args",
              List.of(
                  "--headless=new",
                  // as root there is no sandbox, and the pages are our own
                  "--no-sandbox",
                  "--disable-dev-shm-usage",
                  "--disable-gpu",
                  "--hide-scrollbars",
                  "--force-prefers-reduced-motion"));
      Map<String, Object> wanted =
          Map.of(
              "capabilities",
              Map.of(
                  "alwaysMatch", Map.of("browserName", "chrome", "goog:chromeOptions", chromium)));
      Browser starting = new Browser(process, server.resolve("session"));
      String id = starting.post("", wanted).at("/value/sessionId").asText();
      Browser browser = new Browser(process, server.resolve("session/" + id));
      browser.size(1280, 900);
      return browser;
    } catch (RuntimeException | AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int port(Process driver) throws IOException {
    BufferedReader said =
        new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      Matcher port = PORT.matcher(line);
      if (port.find()) {
        return Integer.parseInt(port.group(1));
      }
    }
    throw new IOException("chromedriver ended without saying its port");
  }

  private static Optional<Path> onPath(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public Browser open(String url) {
    post("/url", Map.of("url", url));
    return this;
  }

  public String url() {
    return get("/url").get("value").asText();
  }

  /** All words of the page that can be seen. */
  public String words() {
    return script("return document.body ? document.body.innerText : ''").asText();
  }

  /** Waits until the page says it. */
  public Browser sees(String text) {
    return sees(text, PATIENCE);
  }

  public Browser sees(String text, Duration patience) {
    patiently("a page that says " + text, patience)
        .until(this::words, words -> words.contains(text));
    return this;
  }

  /** Waits until JavaScript in the page returns true. */
  public Browser until(String body) {
    patiently(body, PATIENCE).until(() -> script(body).asBoolean());
    return this;
  }

  /** Clicks what begins with these words, once it is there. */
  public Browser click(String selector, String words) {
    patiently("a " + selector + " that says " + words, PATIENCE)
        .until(() -> script(CLICK_WORDS, selector, words).asBoolean());
    return this;
  }

  /** Clicks with the mouse in the middle of the first such element. */
  public Browser click(String selector) {
    patiently("a click on " + selector, PATIENCE)
        .until(
            () -> {
              post("/element/" + element(selector) + "/click", Map.of());
              return true;
            });
    return this;
  }

  /** Replaces what is in a field. */
  public Browser fill(String selector, String text) {
    patiently("a field " + selector, PATIENCE)
        .until(
            () -> {
              String id = element(selector);
              post("/element/" + id + "/clear", Map.of());
              post("/element/" + id + "/value", Map.of("text", text));
              return true;
            });
    return this;
  }

  /** Pastes into the field that a click on {@code selector} gives the cursor. */
  public Browser paste(String selector, String text) {
    click(selector);
    devtools("Input.insertText", Map.of("text", text));
    return this;
  }

  /** Presses keys where the cursor is. */
  public Browser press(String keys) {
    JsonNode active = get("/element/active").get("value");
    post("/element/" + active.get(ELEMENT).asText() + "/value", Map.of("text", keys));
    return this;
  }

  private String element(String selector) {
    return post("/element", Map.of("using", "css selector", "value", selector))
        .get("value")
        .get(ELEMENT)
        .asText();
  }

  /** Again and again, over what a page in motion refuses, as long as there is a browser. */
  private ConditionFactory patiently(String what, Duration patience) {
    return await(what)
        .atMost(patience)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsInstanceOf(InMotionException.class)
        .failFast("the browser ended", () -> !driver.isAlive());
  }

  /** What was asked for is not there yet, or not any more: the page changes just now. */
  private static final class InMotionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InMotionException(String message) {
      super(message);
    }
  }

  /** What the browser complained of since it was last asked: errors, refused loads. */
  public List<String> complaints() {
    List<String> found = new ArrayList<>();
    post("/se/log", Map.of("type", "browser"))
        .get("value")
        .forEach(
            entry -> {
              if (entry.get("level").asText().equals("SEVERE")) {
                found.add(entry.get("message").asText());
              }
            });
    return found;
  }

  /** Runs JavaScript in the page; what it returns. */
  public JsonNode script(String body, Object... arguments) {
    return post("/execute/sync", Map.of("script", body, "args", List.of(arguments))).get("value");
  }

  /** The window as wide and high as said, in CSS pixels. */
  public Browser size(int width, int height) {
    devtools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    return this;
  }

  /** As a reader's system would ask for it: {@code light} or {@code dark}. */
  public Browser colours(String scheme) {
    devtools(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    return this;
  }

  /** The whole page, as high as it is up to a limit, as PNG. */
  public byte[] picture(int width, int heightMax) {
    size(width, Math.min(900, heightMax));
    int height = script("return document.documentElement.scrollHeight").asInt();
    size(width, Math.max(300, Math.min(height, heightMax)));
    return Base64.getDecoder().decode(get("/screenshot").get("value").asText());
  }

  private void devtools(String command, Map<String, Object> parameters) {
    post("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  private JsonNode get(String path) {
    return send(HttpRequest.newBuilder(URI.create(session + path)).build());
  }

  private JsonNode post(String path, Object body) {
    try {
      return send(
          HttpRequest.newBuilder(URI.create(session + path))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
              .build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode send(HttpRequest request) {
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode body = JSON.readTree(answer.body());
      if (answer.statusCode() != 200) {
        String message = request.uri() + ": " + answer.body();
        if (IN_MOTION.contains(body.at("/value/error").asText())) {
          throw new InMotionException(message);
        }
        throw new AssertionError(message);
      }
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws Exception {
    try {
      send(HttpRequest.newBuilder(session).DELETE().build());
    } finally {
      driver.destroy();
      driver.waitFor();
    }
  }
}
