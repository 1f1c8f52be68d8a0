package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.report.DemoRun;
import io.dinoflow.ops.report.FakeFacts;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lineage, datasets, models, evaluations; and what every page and endpoint does with bad input. */
class ListPagesTest {
  private static final List<String> PAGES =
      List.of("/runs", "/lineage", "/datasets", "/models", "/evaluations", "/schedules");
  private static final String SCRIPT = "<script>alert(1)</script>";
  private static final Sha256 GRAM = Sha256.ofText(DemoRun.ID + "/gram@690");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private Optional<PageServer> server = Optional.empty();

  @AfterEach
  void stop() {
    server.ifPresent(PageServer::close);
  }

  @Test
  void everyPageLeadsToEveryOtherAndHasATwin() throws Exception {
    open(DemoRun.done());
    for (String page : PAGES) {
      HttpResponse<String> answer = look("list" + page.replace('/', '-'), page);
      assertThat(answer.statusCode()).as(page).isEqualTo(200);
      PAGES.forEach(other -> assertThat(answer.body()).contains("href=\"" + other + "\""));
      assertThat(answer.body())
          .contains("href=\"" + page + "\" aria-current=\"page\"")
          .doesNotContain(" style=");
      assertThat(json.readTree(get(page + ".json").body()).isObject()).as(page).isTrue();
    }
  }

  @Test
  void anEmptyListTeachesTheCommandThatFillsIt() throws Exception {
    open(new FakeFacts());
    for (String page : PAGES) {
      assertThat(get(page).body()).as(page).contains("<pre>");
    }
  }

  @Test
  void drawsWhereACheckpointIsFromWithALinkToEveryRow() throws Exception {
    open(DemoRun.done());
    HttpResponse<String> answer = look("lineage", "/lineage/" + GRAM.hex());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body())
        .contains("<svg class=\"graph\"", "edge teacher", "edge data", "box checkpoint root")
        .contains("src=\"/graph.js\"");
    List<String> boxes = found(answer.body(), "<a href=\"#(n[0-9a-f]{16})\" class=\"box");
    Set<String> rows = new HashSet<>(found(answer.body(), "<tr id=\"(n[0-9a-f]{16})\""));
    assertThat(boxes).hasSizeGreaterThan(4).doesNotHaveDuplicates();
    assertThat(rows).containsExactlyInAnyOrderElementsOf(boxes);

    JsonNode twin = json.readTree(get("/lineage/" + GRAM.hex() + ".json").body());
    assertThat(twin.get("lines")).hasSize(boxes.size());
    assertThat(twin.get("direction").asText()).isEqualTo("up");
  }

  @Test
  void foldsLongChainsOfCheckpoints() throws Exception {
    FakeFacts facts = new FakeFacts();
    TrackId track = TrackId.of(DemoRun.ID, "pretrain");
    CheckpointRef last = facts.checkpoint(track, 1, List.of(), DemoRun.BEGUN);
    for (int step = 2; step <= 212; step++) {
      last = facts.checkpoint(track, step, List.of(), DemoRun.BEGUN);
    }
    open(facts);
    String up = look("lineage-chain", "/lineage/" + last.id().hex()).body();
    assertThat(up).contains("211 checkpoints");
    assertThat(found(up, "<a href=\"#(n[0-9a-f]{16})\" class=\"box")).hasSize(2);
    String down = get("/lineage/" + Sha256.ofText(track + "@1").hex() + "?direction=down").body();
    assertThat(down).contains("211 checkpoints").contains("What was made from it");
  }

  @Test
  void showsModelsWithTheirHistoryAndEvaluationsSideBySide() throws Exception {
    FakeFacts facts = hostile(DemoRun.done());
    open(facts);
    String models = get("/models").body();
    assertThat(models)
        .contains("champion", "moved to version 2 from version 1, by ")
        .contains("/checkpoints/" + GRAM.hex());
    String evaluations = get("/evaluations").body();
    assertThat(evaluations).contains("knn10.top1", "random_weights", "class=\"baseline\"");
    assertThat(get("/datasets").body()).contains("emoji", "?direction=down");
  }

  @Test
  void textOfOthersIsShownAsTextEverywhere() throws Exception {
    open(hostile(DemoRun.failed()));
    List<String> paths = new ArrayList<>(PAGES);
    paths.add("/runs/" + DemoRun.ID);
    paths.add("/runs/" + DemoRun.ID + "/report");
    paths.add("/lineage/" + Sha256.ofText("hostile").hex());
    paths.add("/lineage/" + Sha256.ofText("hostile").hex() + "?direction=down");
    for (String path : paths) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).as(path).doesNotContain("<script>").doesNotContain("<b>NaN");
    }
    assertThat(get("/datasets").body()).contains("&lt;script&gt;alert(1)&lt;/script&gt;");
    assertThat(get("/models").body()).contains("&lt;script&gt;");
  }

  @Test
  void refusesMaliciousNamesOnEveryPageAndEndpoint() throws Exception {
    open(DemoRun.done());
    List<String> names =
        List.of(
            SCRIPT,
            "'; DROP TABLE artifact; --",
            "' OR '1'='1",
            "%",
            "../../etc/passwd",
            "..%2f..%2fetc",
            "a\u0000b",
            "\r\nSet-Cookie: x=1",
            "${7*7}",
            "sha256:' OR 1=1",
            "ffffffff' OR '1'='1",
            "\uD83E\uDD95".repeat(40),
            "x".repeat(3_000));
    List<String> places =
        List.of(
            "/runs/%s",
            "/runs/%s.json",
            "/runs/%s/report",
            "/checkpoints/%s",
            "/lineage/%s",
            "/lineage/%s.json",
            "/api/v1/runs/%s",
            "/api/v1/checkpoints/%s",
            "/api/v1/models/%s",
            "/api/v1/lineage?ref=%s",
            "/api/v1/runs?cursor=%s",
            "/api/v1/runs?%s=1",
            "/api/v1/checkpoints?run=%s",
            "/api/v1/checkpoints?cursor=%s",
            "/api/v1/datasets?cursor=%s",
            "/api/v1/models?cursor=%s",
            "/api/v1/events?run=%s",
            "/api/v1/events?run=demo-0a1b2c3d&limit=%s");
    for (String place : places) {
      for (String name : names) {
        String path =
            place.formatted(URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"));
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(path).isBetween(400, 499);
        assertThat(answer.headers().map()).as(path).doesNotContainKey("set-cookie");
        if (answer.headers().firstValue("Content-Type").orElse("").startsWith("text/html")) {
          assertThat(answer.body()).as(path).doesNotContain(SCRIPT);
        }
      }
    }
    assertThat(get("/runs").statusCode()).as("it still answers").isEqualTo(200);
  }

  @Test
  void refusesWhatIsTooLargeToRead() throws Exception {
    open(DemoRun.done());
    // Java's client would not send such a thing, or give up where the server closes early
    RawHttp http = new RawHttp(server.orElseThrow().url());
    String much = "a".repeat(100_000);
    assertThat(http.send("GET", "/runs?" + much).status()).isBetween(400, 499);
    assertThat(http.send("GET", "/runs", "X: " + much).status()).isBetween(400, 499);
    RawHttp.Answer body = http.send("POST", "/api/v1/runs", 4 << 20);
    assertThat(body.status()).isEqualTo(405);
    assertThat(body.type()).isEqualTo("application/problem+json");
    assertThat(get("/runs").statusCode()).as("it still answers").isEqualTo(200);
  }

  /** Names and reasons as an attacker would write them, wherever a person may write. */
  private static FakeFacts hostile(FakeFacts facts) {
    Sha256 id = Sha256.ofText("hostile");
    facts.put(
        new DatasetRef(ArtifactKind.SOURCE, "emoji" + SCRIPT, id, 3),
        Map.of(SCRIPT, SCRIPT),
        DemoRun.BEGUN);
    TrackId track = TrackId.of(DemoRun.ID, "gram");
    CheckpointRef checkpoint =
        new CheckpointRef(GRAM, track, 690, Sha256.ofText("state of " + GRAM));
    for (int version = 2; version >= 1; version--) {
      facts.put(
          new ModelVersion(
              SCRIPT,
              version,
              checkpoint,
              Optional.of(id),
              version == 2 ? List.of("champion", SCRIPT) : List.of(),
              DemoRun.BEGUN));
    }
    facts.put(
        new Promotion(
            SCRIPT,
            "champion",
            Promotion.Kind.PROMOTED,
            2,
            Optional.of(1),
            new Promotion.Decision(SCRIPT, SCRIPT, Map.of()),
            DemoRun.BEGUN));
    return facts;
  }

  private void open(FakeFacts facts) {
    server =
        Optional.of(
            PageServer.start(
                0,
                facts,
                run -> Optional.empty(),
                new FakeSchedules(),
                Optional.of("http://t/w/"),
                DemoRun.CLOCK));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.orElseThrow().url() + path));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Keeps the page to be looked at: target/pages. */
  private HttpResponse<String> look(String name, String path) throws Exception {
    HttpResponse<String> answer = get(path);
    Path file = Path.of("target", "pages", "web-" + name + ".html");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        answer
            .body()
            .replace(
                "<link rel=\"stylesheet\" href=\"/style.css\">",
                "<style>" + get("/style.css").body() + "</style>"));
    return answer;
  }

  private static List<String> found(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    List<String> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
