package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.report.DemoRun;
import io.dinoflow.ops.report.FakeFacts;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API, and whether its document tells the truth about it. */
class ApiTest {
  private static final String RUN = "demo-0a1b2c3d";
  private static final Sha256 GRAM = Sha256.ofText(RUN + "/gram@690");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final FakeSchedules schedules = HostileFacts.schedules();
  private FakeFacts facts = DemoRun.done();
  private Optional<PageServer> server = Optional.empty();
  private JsonNode document = json.createObjectNode();

  @BeforeEach
  void open() throws Exception {
    CheckpointRef gram = checkpoint(TrackId.of(new RunId(RUN), "gram"));
    facts.put(version(gram, 2, List.of("champion")));
    facts.put(version(gram, 1, List.of()));
    facts.put(
        new Promotion(
            "birds",
            "champion",
            Promotion.Kind.PROMOTED,
            2,
            Optional.of(1),
            new Promotion.Decision("ada", "better", Map.of("knn10.top1", 0.5)),
            DemoRun.CLOCK.instant()));
    server =
        Optional.of(
            PageServer.start(
                0,
                facts,
                run -> Optional.empty(),
                schedules,
                Optional.of("http://t/w/"),
                DemoRun.CLOCK));
    document = json.readTree(get("/openapi.json").body());
  }

  @AfterEach
  void stop() {
    server.ifPresent(PageServer::close);
  }

  @Test
  void theDocumentNamesExactlyTheEndpointsThereAreWithTheirParameters() {
    assertThat(document.get("openapi").asText()).startsWith("3.1.");
    Map<String, Set<String>> documented =
        document.get("paths").properties().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    path ->
                        StreamSupport.stream(
                                path.getValue().at("/get/parameters").spliterator(), false)
                            .filter(p -> p.get("in").asText().equals("query"))
                            .map(p -> p.get("name").asText())
                            .collect(Collectors.toSet())));
    Map<String, Set<String>> real =
        new Pages(facts, run -> Optional.empty(), schedules, Optional.empty(), DemoRun.CLOCK)
            .api().endpoints().stream()
                .collect(Collectors.toMap(Api.Endpoint::path, Api.Endpoint::parameters));
    assertThat(documented).isEqualTo(real);
  }

  @Test
  void everyAnswerIsAsTheDocumentSays() throws Exception {
    Map<String, List<String>> questions =
        Map.ofEntries(
            Map.entry("/runs", List.of("/runs", "/runs?limit=1")),
            Map.entry("/runs/{id}", List.of("/runs/" + RUN)),
            Map.entry(
                "/checkpoints",
                List.of("/checkpoints", "/checkpoints?limit=2", "/checkpoints?run=" + RUN)),
            Map.entry("/checkpoints/{id}", List.of("/checkpoints/" + GRAM.shortForm())),
            Map.entry(
                "/lineage",
                List.of(
                    "/lineage?ref=" + GRAM.hex(),
                    "/lineage?ref=" + RUN + "/pretrain&direction=down&depth=2&limit=3",
                    "/lineage?ref=emoji&direction=down")),
            Map.entry("/datasets", List.of("/datasets", "/datasets?limit=1")),
            Map.entry("/models", List.of("/models")),
            Map.entry("/models/{id}", List.of("/models/birds")),
            Map.entry("/schedules", List.of("/schedules", "/schedules?limit=1")),
            Map.entry("/schedules/{id}", List.of("/schedules/nightly")),
            Map.entry(
                "/events",
                List.of("/events?run=" + RUN, "/events?run=" + RUN + "&limit=2&cursor=1")));
    assertThat(questions.keySet())
        .as("each endpoint is asked")
        .isEqualTo(
            document.get("paths").properties().stream()
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet()));
    for (Map.Entry<String, List<String>> endpoint : questions.entrySet()) {
      JsonNode schema =
          document
              .get("paths")
              .get(endpoint.getKey())
              .at("/get/responses/200/content/application~1json/schema");
      for (String question : endpoint.getValue()) {
        HttpResponse<String> answer = get(question);
        assertThat(answer.statusCode()).as(question + answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(problems(json.readTree(answer.body()), schema, "$")).as(question).isEmpty();
      }
    }
    assertThat(problems(json.readTree("{\"items\":[{}],\"x\":1}"), schema("RunPage"), "$"))
        .as("the comparison itself finds what is wrong")
        .hasSizeGreaterThan(3);
  }

  @Test
  void pagesLeadThroughEveryListWithoutRepeating() throws Exception {
    assertThat(all("/checkpoints?limit=3", "items", "id"))
        .doesNotHaveDuplicates()
        .containsExactlyElementsOf(all("/checkpoints?limit=200", "items", "id"))
        .hasSizeGreaterThan(6);
    assertThat(all("/checkpoints?limit=2&run=" + RUN, "items", "id"))
        .doesNotHaveDuplicates()
        .hasSizeGreaterThan(6);
    assertThat(all("/events?limit=2&run=" + RUN, "items", "text"))
        .hasSize(facts.events(new RunId(RUN)).size());
    assertThat(all("/models?limit=1", "items", "version")).containsExactly("2", "1");
    assertThat(all("/datasets?limit=1", "items", "version"))
        .doesNotHaveDuplicates()
        .hasSize(facts.datasets(100).size());
    assertThat(all("/runs?limit=1", "items", "id")).hasSize(facts.runs(100).size());
    assertThat(all("/lineage?limit=2&ref=" + GRAM.hex(), "nodes", "id"))
        .doesNotHaveDuplicates()
        .hasSizeGreaterThan(4);
  }

  @Test
  void linksARunToTemporal() throws Exception {
    assertThat(json.readTree(get("/runs/" + RUN).body()).get("temporal_url").asText())
        .isEqualTo("http://t/w/" + RUN);
  }

  @Test
  void refusesWhatItCannotReadAsAProblem() throws Exception {
    for (String question :
        List.of(
            "/runs?limit=0",
            "/runs?limit=201",
            "/runs?limit=-1",
            "/runs?limit=1e3",
            "/runs?limit=99999999999",
            "/runs?limit=1&limit=2",
            "/runs?limit=",
            "/runs?stat=done",
            "/runs?cursor=nobody",
            "/checkpoints?cursor=xyz",
            "/datasets?cursor=xyz",
            "/models?cursor=birds",
            "/events",
            "/events?run=" + RUN + "&cursor=-1",
            "/lineage",
            "/lineage?ref=" + GRAM.hex() + "&direction=sideways",
            "/lineage?ref=" + GRAM.hex() + "&limit=2001",
            "/lineage?ref=" + GRAM.hex() + "&depth=0",
            "/lineage?ref=" + "a".repeat(301))) {
      problem(question, 400);
    }
    for (String question :
        List.of(
            "/nothing",
            "/runs/none",
            "/events?run=none",
            "/checkpoints?run=none",
            "/checkpoints/ffffffffff",
            "/lineage?ref=nobody",
            "/lineage?ref=no/stage",
            "/lineage?ref=a//b/c/d",
            "/models/none")) {
      problem(question, 404);
    }
  }

  private void problem(String question, int status) throws Exception {
    HttpResponse<String> answer = get(question);
    assertThat(answer.statusCode()).as(question + " " + answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    JsonNode problem = json.readTree(answer.body());
    assertThat(problems(problem, schema("Problem"), "$")).as(question).isEmpty();
    assertThat(problem.get("status").asInt()).isEqualTo(status);
  }

  /** A field of all items of a list, part by part. */
  private List<String> all(String question, String list, String field) throws Exception {
    List<String> found = new ArrayList<>();
    Optional<String> cursor = Optional.of("");
    while (cursor.isPresent()) {
      JsonNode page =
          json.readTree(
              get(question + (cursor.get().isEmpty() ? "" : "&cursor=" + cursor.get())).body());
      page.get(list).forEach(item -> found.add(item.get(field).asText()));
      assertThat(found).hasSizeLessThan(1000);
      cursor =
          page.get("next_cursor").isNull()
              ? Optional.empty()
              : Optional.of(page.get("next_cursor").asText());
    }
    return found;
  }

  private JsonNode schema(String name) {
    return document.at("/components/schemas/" + name);
  }

  /** Where a value is not as a schema says; knows what the document uses of JSON Schema. */
  private List<String> problems(JsonNode value, JsonNode schema, String path) {
    if (schema.has("$ref")) {
      return problems(value, document.at(schema.get("$ref").asText().substring(1)), path);
    }
    if (schema.has("anyOf")) {
      boolean one =
          StreamSupport.stream(schema.get("anyOf").spliterator(), false)
              .anyMatch(option -> problems(value, option, path).isEmpty());
      return one ? List.of() : List.of(path + " is none of what it may be: " + value);
    }
    List<String> found = new ArrayList<>();
    Set<String> types = new HashSet<>();
    if (schema.get("type").isArray()) {
      schema.get("type").forEach(type -> types.add(type.asText()));
    } else {
      types.add(schema.get("type").asText());
    }
    String type =
        switch (value.getNodeType()) {
          case OBJECT -> "object";
          case ARRAY -> "array";
          case STRING -> "string";
          case BOOLEAN -> "boolean";
          case NULL -> "null";
          default -> value.isIntegralNumber() && !types.contains("number") ? "integer" : "number";
        };
    if (!types.contains(type)) {
      return List.of("%s is %s, not %s".formatted(path, type, types));
    }
    if (value.isTextual()
        && schema.has("pattern")
        && !value.asText().matches(schema.get("pattern").asText())) {
      found.add(path + " is " + value);
    }
    if (schema.has("enum")
        && StreamSupport.stream(schema.get("enum").spliterator(), false).noneMatch(value::equals)) {
      found.add(path + " is " + value);
    }
    for (int i = 0; i < value.size() && value.isArray(); i++) {
      found.addAll(problems(value.get(i), schema.get("items"), path + "[" + i + "]"));
    }
    if (value.isObject()) {
      schema
          .path("required")
          .forEach(
              name -> {
                if (!value.has(name.asText())) {
                  found.add(path + " has no " + name);
                }
              });
      value
          .properties()
          .forEach(
              field -> {
                JsonNode other = schema.path("additionalProperties");
                JsonNode of = schema.path("properties").path(field.getKey());
                if (of.isMissingNode() && !other.isObject()) {
                  found.add(path + " has " + field.getKey());
                } else {
                  found.addAll(
                      problems(
                          field.getValue(),
                          of.isMissingNode() ? other : of,
                          path + "." + field.getKey()));
                }
              });
    }
    return found;
  }

  private CheckpointRef checkpoint(TrackId track) {
    List<CheckpointRow> rows = facts.checkpoints(track);
    return rows.get(rows.size() - 1).ref();
  }

  private static ModelVersion version(CheckpointRef checkpoint, int number, List<String> aliases) {
    return new ModelVersion(
        "birds", number, checkpoint, Optional.empty(), aliases, DemoRun.CLOCK.instant());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.orElseThrow().url() + Api.ROOT + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
