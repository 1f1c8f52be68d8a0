package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.report.DemoRun;
import io.dinoflow.ops.report.FakeFacts;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageServerTest {
  private static final LiveRuns SILENT = run -> Optional.empty();
  private static final Optional<String> TEMPORAL =
      Optional.of("http://127.0.0.1:8233/namespaces/default/workflows/");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private Optional<PageServer> server = Optional.empty();

  @AfterEach
  void stop() {
    server.ifPresent(PageServer::close);
  }

  @Test
  void leadsToTheRuns() throws Exception {
    open(DemoRun.done(), SILENT);

    HttpResponse<String> answer = get("/");
    assertThat(answer.statusCode()).isEqualTo(302);
    assertThat(answer.headers().firstValue("Location").orElse("")).endsWith("/runs");
    assertThat(get("/healthz").body()).isEqualTo("ok\n");
  }

  @Test
  void listsRunsWithTheirState() throws Exception {
    open(DemoRun.done(), SILENT);

    HttpResponse<String> answer = look("runs", "/runs");
    assertThat(answer.statusCode()).isEqualTo(200);
    says(answer, "href=\"/runs/demo-0a1b2c3d\"", "state done", "7 stages done", "14 min 00 s ago");
    JsonNode twin = json.readTree(get("/runs.json").body());
    assertThat(twin.at("/runs/0/run").asText()).isEqualTo("demo-0a1b2c3d");
    assertThat(twin.at("/runs/0/state").asText()).isEqualTo("done");
    assertThat(twin.at("/runs/0/stages_done").asInt()).isEqualTo(7);
  }

  @Test
  void teachesTheCommandThatFillsAnEmptyList() throws Exception {
    open(new FakeFacts(), SILENT);

    says(look("empty", "/runs"), "Nothing has run in this home yet", "./dinoflow demo");
    assertThat(json.readTree(get("/runs.json").body()).get("runs")).isEmpty();
  }

  @Test
  void showsARunWithItsCurvesAndCheckpoints() throws Exception {
    open(DemoRun.done(), SILENT);

    HttpResponse<String> answer = look("run", "/runs/demo-0a1b2c3d");
    assertThat(answer.statusCode()).isEqualTo(200);
    says(
        answer,
        "Curves of pretrain, gram",
        "<svg class=\"chart\"",
        "href=\"/runs/demo-0a1b2c3d/report\"",
        "href=\"http://127.0.0.1:8233/namespaces/default/workflows/demo-0a1b2c3d\"",
        "href=\"/checkpoints/" + Sha256.ofText("demo-0a1b2c3d/gram@690").hex() + "\"",
        "data-live=\"false\"");
    JsonNode twin = json.readTree(get("/runs/demo-0a1b2c3d.json").body());
    assertThat(twin.at("/stages/2/name").asText()).isEqualTo("gram");
    assertThat(twin.at("/stages/2/tracks/0/refreshes")).hasSize(2);
    assertThat(twin.at("/stages/2/tracks/0/id").asText()).isEqualTo("demo-0a1b2c3d/gram");
  }

  @Test
  void showsWhatARunSaysOfItselfAndLooksAgain() throws Exception {
    open(DemoRun.young(), run -> Optional.of(snapshot(run)));

    HttpResponse<String> answer = look("live", "/runs/demo-0a1b2c3d");
    says(
        answer,
        "<progress max=\"600\" value=\"260\"",
        "loss 4.910, attempt 3, S3 &lt;timed&gt; out",
        "data-live=\"true\"",
        "src=\"/live.js\"",
        "http-equiv=\"refresh\"");
    says(get("/runs"), "training 260 of 600 steps");
    assertThat(get("/live.js").headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/javascript");
  }

  @Test
  void rendersTheReport() throws Exception {
    open(DemoRun.done(), SILENT);

    HttpResponse<String> answer = get("/runs/demo-0a1b2c3d/report");
    assertThat(answer.statusCode()).isEqualTo(200);
    says(answer, "beats random weights");
    assertThat(policy(answer)).contains("style-src 'unsafe-inline'").doesNotContain("script-src");
  }

  @Test
  void showsACheckpointWithItsNeighbours() throws Exception {
    open(DemoRun.done(), SILENT);
    Sha256 id = Sha256.ofText("demo-0a1b2c3d/gram@630");

    HttpResponse<String> answer = look("checkpoint", "/checkpoints/" + id.shortForm());
    assertThat(answer.statusCode()).isEqualTo(200);
    says(
        answer,
        id.hex(),
        "student.safetensors",
        "5.7 MiB",
        "probe.patch_similarity",
        "gram teacher",
        "went on to",
        "href=\"/checkpoints/" + Sha256.ofText("demo-0a1b2c3d/pretrain@600").hex() + "\"",
        "href=\"/checkpoints/" + Sha256.ofText("demo-0a1b2c3d/gram@660").hex() + "\"");
    JsonNode twin = json.readTree(get("/checkpoints/" + id.hex() + ".json").body());
    assertThat(twin.get("files")).hasSize(2);
    assertThat(twin.at("/checkpoint/ref/step").asLong()).isEqualTo(630);
    assertThat(twin.get("made_into")).isNotEmpty();
  }

  @Test
  void answersWhatIsNotThereWithTheWayOut() throws Exception {
    open(DemoRun.done(), SILENT);

    for (String path :
        List.of(
            "/runs/none",
            "/runs/none/report",
            "/runs/%3Cscript%3E",
            "/checkpoints/ffffffffff",
            "/nothing")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
      assertThat(answer.body()).as(path).contains("href=\"/runs\"").doesNotContain("<script>");
      assertThat(policy(answer)).contains("default-src 'none'");
    }
    JsonNode twin = json.readTree(get("/runs/none.json").body());
    assertThat(twin.get("status").asInt()).isEqualTo(404);
    assertThat(twin.get("why").asText()).contains("none");
  }

  @Test
  void saysThatAnIdIsTooShort() throws Exception {
    FakeFacts facts = DemoRun.done();
    open(facts, SILENT);

    assertThat(get("/checkpoints/").statusCode()).isEqualTo(404);
    HttpResponse<String> dataset = get("/checkpoints/" + Sha256.ofText("emoji").shortForm());
    assertThat(dataset.statusCode()).isEqualTo(404);
    says(dataset, "is no checkpoint: it is the source emoji");
  }

  @Test
  void survivesADamagedStore() throws Exception {
    FakeFacts facts = DemoRun.done();
    Sha256 id = Sha256.ofText("demo-0a1b2c3d/gram@630");
    facts.damage(
        id, new DamagedBlobException(new FileEntry("m", id, 9), OptionalLong.empty(), "short"));
    open(facts, SILENT);

    HttpResponse<String> answer = get("/checkpoints/" + id.hex());
    assertThat(answer.statusCode()).isEqualTo(500);
    says(answer, "what is stored is damaged");
    assertThat(get("/runs").statusCode()).isEqualTo(200);
  }

  @Test
  void tellsNoSecretsOfAnUnforeseenFailure() throws Exception {
    FakeFacts facts = DemoRun.done();
    Sha256 id = Sha256.ofText("demo-0a1b2c3d/gram@630");
    facts.damage(id, new IllegalStateException("password=hunter2"));
    open(facts, SILENT);

    HttpResponse<String> answer = get("/checkpoints/" + id.hex());
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("IllegalStateException").doesNotContain("hunter2");
  }

  @Test
  void escapesWhatWasWrittenByOthers() throws Exception {
    open(DemoRun.failed(), SILENT);

    HttpResponse<String> answer = look("failed", "/runs/demo-0a1b2c3d");
    says(answer, "the loss is &lt;b&gt;NaN&lt;/b&gt; at step 640", "state failed");
    assertThat(answer.body().contains("<b>NaN")).isFalse();
    assertThat(get("/runs").body().contains("<b>NaN")).isFalse();
  }

  @Test
  void sendsAPolicyThatLetsNothingForeignIn() throws Exception {
    open(DemoRun.done(), SILENT);

    for (String path : List.of("/runs", "/runs/demo-0a1b2c3d", "/runs.json", "/style.css")) {
      HttpResponse<String> answer = get(path);
      assertThat(policy(answer))
          .as(path)
          .contains("default-src 'none'")
          .contains("script-src 'self'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    }
    assertThat(get("/runs/demo-0a1b2c3d").body()).doesNotContain(" style=");
  }

  @Test
  void refusesEverythingButReading() throws Exception {
    open(DemoRun.done(), SILENT);

    for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
      HttpResponse<String> answer =
          client.send(
              request("/runs").method(method, HttpRequest.BodyPublishers.ofString("x")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(method).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
    HttpResponse<String> head =
        client.send(
            request("/runs").method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void answersOnlyUnderALoopbackName() throws Exception {
    open(DemoRun.done(), SILENT);

    assertThat(status("evil.example")).isEqualTo(421);
    assertThat(status("127.0.0.1.evil.example:80")).isEqualTo(421);
    assertThat(status("localhost:8080")).isEqualTo(200);
    assertThat(status("127.0.0.1")).isEqualTo(200);
  }

  @Test
  void weighsLittle() throws Exception {
    open(DemoRun.done(), SILENT);

    assertThat(get("/runs/demo-0a1b2c3d").body().length()).isLessThan(300_000);
  }

  /** A client of our own, because Java's sets the host itself. */
  private int status(String host) throws IOException {
    URI at = URI.create(server.orElseThrow().url());
    try (Socket socket = new Socket(at.getHost(), at.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "GET /runs HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
              .formatted(host)
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      InputStream in = socket.getInputStream();
      String line = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(line.split(" ", 3)[1]);
    }
  }

  private void open(FakeFacts facts, LiveRuns live) {
    server =
        Optional.of(PageServer.start(0, facts, live, new FakeSchedules(), TEMPORAL, DemoRun.CLOCK));
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

  private static void says(HttpResponse<String> answer, String... texts) {
    assertThat(Stream.of(texts).filter(text -> !answer.body().contains(text)))
        .as("not said")
        .isEmpty();
  }

  private static String policy(HttpResponse<String> answer) {
    return answer.headers().firstValue("Content-Security-Policy").orElse("");
  }

  private static RunSnapshot snapshot(RunId run) {
    PipelineProgress.Stage stage =
        new PipelineProgress.Stage(
            "pretrain", "TRAIN", "running", run + "/pretrain", 0, 600, Optional.empty());
    Progress progress =
        new Progress(
            "pretrain", "training", 260, 600, "steps", Optional.of(4.91), 84, 150, 0.01, "");
    return new RunSnapshot(
        new PipelineProgress(run.value(), "demo", "running", "", List.of(stage)),
        Map.of(
            "pretrain",
            List.of(
                new RunSnapshot.Live(
                    run + "/pretrain", Optional.of(progress), 3, "S3 <timed> out"))));
  }
}
