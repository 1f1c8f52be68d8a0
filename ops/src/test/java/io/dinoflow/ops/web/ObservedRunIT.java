package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.testing.Browser;
import io.dinoflow.ops.testing.Installation;
import io.dinoflow.ops.testing.TinyRecipe;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run as people and programs see it from outside: started, paused and followed in a real
 * browser, measured by Prometheus, told by the logs.
 *
 * <p>{@code -Ddinoflow.pictures=ops/docs/img} writes the pictures of the documentation.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ObservedRunIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RunId RUN = new RunId("typed-in-a-browser");
  private static final Duration WHOLE_RUN = Duration.ofMinutes(10);
  private static final int PHONE = 380;
  private static final int DESK = 1280;
  private static final int HEIGHT_MAX = 2_400;
  private static final String DATASET_ON_THE_PAGE =
      """
      const row = Array.from(document.querySelectorAll('tbody tr')).find(r => r.cells[1].innerText == 'dataset');
      return row.querySelector("a[href^='/lineage/']").getAttribute('href').split('/')[2];
      """;
  private static final Pattern RUN_LABEL = Pattern.compile("[{,]run=\"([^\"]*)\"");

  @TempDir static Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private Installation installation;
  private OpsConfig config;
  private boolean started;

  @BeforeAll
  void start() throws Exception {
    installation = Installation.in(home);
    config = installation.services().config();
  }

  @AfterAll
  void stop() throws Exception {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  @Order(1)
  void aRunIsStartedPausedResumedAndFollowedToItsEndInABrowser() throws Exception {
    String temporal = config.uiUrl().orElseThrow() + "/namespaces/default/workflows/";
    try (Browser browser = Browser.orSkip()) {
      // the form looks for workers when the queue's name is typed: begin when they have begun
      await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () ->
                  browser
                      .open(temporal + "start-workflow")
                      .fill("#taskQueue", "pipeline")
                      .fill("#workflowId", RUN.value())
                      .sees("Task Queue is ")
                      .words(),
              words -> words.contains("Task Queue is Active"));
      browser
          .fill("#workflowType", "PipelineWorkflow")
          .paste(".cm-content", "{\"recipe\":\"tiny\"}");
      keep(browser, "temporal-start", DESK, 900);
      // so that it is not through before it is paused, however long a browser takes
      installation.freeze("worker-train");
      try {
        startAndPause(browser, temporal);
      } finally {
        installation.wake("worker-train");
      }
      browser.open(page("/runs/" + RUN)).sees("paused", WHOLE_RUN);
      keep(browser, "temporal-run", DESK, 900, temporal + RUN);
      update(browser, temporal + RUN, "resume", "");

      // the page looks again by itself: nobody presses reload
      browser.open(page("/runs/" + RUN)).sees("run " + RUN + " done", WHOLE_RUN);
      assertThat(browser.words()).contains("pretrain", "distill", "evaluate");
    }
    assertThat(installation.services().lineage().stages(RUN))
        .extracting(stage -> stage.state().word())
        .hasSize(7)
        .containsOnly("done");
  }

  private void startAndPause(Browser browser, String temporal) throws Exception {
    browser.click("[data-testid=start-workflow-button]", "Start Workflow");
    // leaving the form sooner would take the request back
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> get(page("/runs.json")), runs -> runs.contains(RUN.value()));
    started = true;

    browser.open(page("/runs")).sees(RUN.value()).click("a", RUN.value());
    browser.sees("running").sees("curate");
    update(browser, temporal + RUN, "pause", "\"a look around\"");
  }

  /** Temporal's own dialog: the run's update with its input. */
  private static void update(Browser browser, String workflow, String name, String input) {
    browser
        .open(workflow)
        .sees("More Actions")
        .click("button", "More Actions")
        .click("[role=menuitem]", "Send an Update")
        .click("dialog[open] [data-testid=update-select-button]")
        .click("dialog[open] [role=option]", name);
    if (!input.isEmpty()) {
      browser.paste("dialog[open] .cm-content", input);
    }
    browser.click("dialog[open] button", "Submit");
    browser.until("return !document.querySelector('dialog[open]')");
  }

  @Test
  @Order(2)
  void clicksLeadThroughTheGraphFromAStudentToItsDataset() throws Exception {
    try (Browser browser = Browser.orSkip()) {
      haveRun();
      CheckpointRow student = newest("distill");
      Sha256 teacher = newest("highres").ref().id();
      browser.open(page("/runs/" + RUN)).click("a[href='/checkpoints/" + student.ref().id() + "']");
      browser.sees(student.ref().id().hex()).click("a[href^='/lineage/']");
      browser.sees("What it was made from");

      browser.click("a.box[href='#" + anchor(browser, teacher) + "']");
      browser.until("return location.hash == '#" + anchor(browser, teacher) + "'");
      browser.click("a[href='/lineage/" + teacher + "']");
      browser.sees(teacher.hex());

      Sha256 dataset = new Sha256(browser.script(DATASET_ON_THE_PAGE).asText());
      browser.click("a.box[href='#" + anchor(browser, dataset) + "']");
      browser.until("return document.querySelector(':target').innerText.includes('dataset')");
      browser.click("a[href='/lineage/" + dataset + "']").sees(dataset.hex()).sees("source");
    }
  }

  @Test
  @Order(3)
  void everyPageIsWholeOnADeskAndOnAPhoneByDayAndByNight() throws Exception {
    try (Browser browser = Browser.orSkip()) {
      haveRun();
      haveSchedule("nightly");
      Map<String, String> pages = new LinkedHashMap<>();
      pages.put("runs", "/runs");
      pages.put("run", "/runs/" + RUN);
      pages.put("checkpoint", "/checkpoints/" + newest("distill").ref().id());
      pages.put("lineage", "/lineage/" + newest("distill").ref().id());
      pages.put("evaluations", "/evaluations");
      pages.put("models", "/models");
      pages.put("datasets", "/datasets");
      pages.put("schedules", "/schedules");
      pages.put("schedule", "/schedules/nightly");
      List<String> tooWide = new ArrayList<>();
      browser.complaints();
      for (Map.Entry<String, String> page : pages.entrySet()) {
        browser.colours("light").size(DESK, 900).open(page(page.getValue()));
        keep(browser, page.getKey(), DESK, HEIGHT_MAX);
        browser.colours("dark").size(PHONE, 800);
        if (browser.script("return document.scrollingElement.scrollWidth").asInt() > PHONE) {
          tooWide.add(page.getKey());
        }
        keep(browser, page.getKey() + "-phone-dark", PHONE, HEIGHT_MAX);
        assertThat(browser.complaints()).as(page.getKey()).isEmpty();
      }
      assertThat(tooWide).as("pages that scroll sideways on a phone").isEmpty();
    }
  }

  @Test
  @Order(4)
  void prometheusFindsEveryProcessAndWhatItMeasures() throws Exception {
    haveRun();
    Map<String, String> metrics = new LinkedHashMap<>();
    for (JsonNode group : JSON.readTree(get(page("/metrics/targets")))) {
      String process = group.at("/labels/process").asText();
      String url = "http://" + group.at("/targets/0").asText() + "/metrics";
      // the SDK reports every other second
      metrics.put(
          process,
          await()
              .atMost(Duration.ofMinutes(3))
              .until(
                  () -> get(url),
                  text -> process.equals("page") || text.contains("temporal_request_total")));
    }

    assertThat(metrics)
        .containsOnlyKeys("page", "worker-control", "worker-train", "worker-compute");
    assertThat(metrics.values())
        .allSatisfy(
            text ->
                assertThat(text).contains("dinoflow_process_up{process=", "jvm_memory_used_bytes"));
    assertThat(metrics.get("worker-train"))
        .contains("hikaricp_connections{")
        .containsPattern("(?m)^dinoflow_train_steps_total [1-9]")
        .containsPattern("(?m)^dinoflow_train_images_total [1-9]")
        .containsPattern("(?m)^dinoflow_train_step_seconds_bucket\\{le=\"0.1\"} ")
        .containsPattern("(?m)^dinoflow_data_wait_seconds_count [1-9]")
        .containsPattern(
            "(?m)^dinoflow_checkpoint_commit_seconds_count\\{outcome=\"committed\"} [1-9]")
        .containsPattern(
            "(?m)^dinoflow_storage_request_seconds_count\\{operation=\"put\",outcome=\"ok\"} [1-9]")
        .containsPattern("(?m)^dinoflow_storage_bytes_total\\{direction=\"written\"} [1-9]")
        .contains("temporal_activity_execution_latency_seconds");
    assertThat(metrics.get("worker-control"))
        .contains("temporal_workflow_task_execution_latency_seconds");
    assertThat(metrics.values().stream().flatMap(ObservedRunIT::runs).collect(Collectors.toSet()))
        .as("nothing trains now, so no metric names a run")
        .isEmpty();
  }

  @Test
  @Order(5)
  void everyLogLineIsJsonThatNamesItsRunAndNoneHoldsASecret() throws Exception {
    haveRun();
    JsonNode credentials = JSON.readTree(Files.readString(home.resolve("credentials.json")));
    List<String> secrets = new ArrayList<>();
    credentials.forEach(value -> secrets.add(value.asText()));
    Set<String> stages = new TreeSet<>();
    boolean steps = false;
    for (String line : wholeLines(home.resolve("logs/worker-train.log"))) {
      if (line.startsWith("{")) {
        JsonNode fields = JSON.readTree(line);
        assertThat(Stream.of("time", "level", "logger", "message").allMatch(fields::has))
            .as(line)
            .isTrue();
        if (fields.path("run").asText().equals(RUN.value())) {
          stages.add(fields.path("stage").asText());
          steps |= fields.path("step").asLong() > 0;
        }
      }
    }

    assertThat(stages).contains("pretrain");
    assertThat(steps).as("lines of training name the step").isTrue();
    assertThat(secrets).hasSizeGreaterThan(1);
    try (Stream<Path> logs = Files.list(home.resolve("logs"))) {
      assertThat(logs)
          .hasSizeGreaterThan(5)
          .allSatisfy(log -> assertThat(text(log)).doesNotContain(secrets));
    }
  }

  /** Without the one that is just being written. */
  private static List<String> wholeLines(Path log) {
    String text = text(log);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** A character that is just being written is none yet, and no reason to fail. */
  private static String text(Path log) {
    try {
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where no browser started it, the command line's way does. */
  private void haveRun() {
    if (!started) {
      installation.client().start(RUN, TinyRecipe.whole().request(), "test");
      started = true;
    }
    installation.client().result(RUN);
  }

  /** Temporal lists a new one some seconds after it was made. */
  private void haveSchedule(String name) {
    new Schedules(installation.services().workflows())
        .create(
            Schedules.Draft.plain(
                name,
                "tiny",
                JSON.createObjectNode().put("recipe", "tiny"),
                Schedules.Times.cron("0 3 * * *", ZoneId.of("Europe/Berlin")),
                Schedules.Decision.WHEN_DATA_IS_NEW));
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> get(page("/schedules")), list -> list.contains("/schedules/" + name));
  }

  private CheckpointRow newest(String stage) {
    List<CheckpointRow> rows =
        installation.services().lineage().checkpoints(RUN).stream()
            .filter(row -> row.ref().track().stage().equals(stage))
            .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
            .toList();
    return rows.get(rows.size() - 1);
  }

  /** The row of the lineage page that stands for an artifact. */
  private static String anchor(Browser browser, Sha256 id) {
    return browser
        .script(
            "return document.querySelector(\"tr a[href^='/lineage/\" + arguments[0] +"
                + " \"']\").closest('tr').id",
            id.hex())
        .asText();
  }

  private static Stream<String> runs(String metrics) {
    Matcher label = RUN_LABEL.matcher(metrics);
    return label.results().map(found -> found.group(1));
  }

  private String page(String path) {
    return config.pageUrl().orElseThrow() + path;
  }

  private String get(String url) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void keep(Browser browser, String name, int width, int heightMax, String url)
      throws IOException {
    browser.open(url).sees("More Actions");
    keep(browser, name, width, heightMax);
  }

  /** Writes a picture where somebody asked for pictures. */
  private static void keep(Browser browser, String name, int width, int heightMax)
      throws IOException {
    Optional<String> folder = Optional.ofNullable(System.getProperty("dinoflow.pictures"));
    if (folder.isPresent()) {
      Path root = Path.of(System.getProperty("dinoflow.root"));
      Path target = Files.createDirectories(root.resolve(folder.get()));
      Files.write(target.resolve(name + ".png"), browser.picture(width, heightMax));
      browser.size(width, 900);
    }
  }
}
