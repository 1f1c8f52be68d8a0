package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The deployment on one machine: what it promises, read from the file itself. */
class ComposeFileTest {
  private static final Path ROOT = Path.of(System.getProperty("dinoflow.root"));

  /** {@code ${NAME}}, {@code ${NAME:-default}} or {@code ${NAME:?why}}. */
  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{([A-Z0-9_]+)(?:(:-|:\\?)([^}]*))?}");

  private static final Pattern SECRET =
      Pattern.compile(".*(PASSWORD|PWD|SECRET|ACCESS_KEY|ROOT_USER).*");

  /** Read by OpsConfig, but the image's or nobody's business here. */
  private static final Set<String> NOT_IN_COMPOSE = Set.of("DINOFLOW_HOME", OpsConfig.PAGE_URL);

  private final String text = read("docker-compose.yml");
  private final JsonNode compose = tree(text);

  @Test
  void everyImageIsPinned() {
    List<String> images = new ArrayList<>();
    services().values().forEach(service -> images.add(withDefaults(service.get("image").asText())));
    read("ops/docker/Dockerfile")
        .lines()
        .filter(line -> line.startsWith("FROM "))
        .forEach(line -> images.add(line.split(" ")[1]));

    assertThat(images).hasSizeGreaterThan(8);
    assertThat(images)
        .filteredOn(image -> !image.equals("dinoflow:local"))
        .allMatch(
            image ->
                image.matches(
                    "[^:@]+:[^@]*\\d+\\.\\d+.*|[^:@]+:RELEASE\\.\\d{4}-.*@sha256:[0-9a-f]{64}"));
  }

  @Test
  void everyPortIsOnLoopback() {
    List<String> ports = new ArrayList<>();
    services().values().forEach(s -> s.path("ports").forEach(port -> ports.add(port.asText())));

    assertThat(ports).hasSizeGreaterThan(4).allMatch(port -> port.startsWith("127.0.0.1:"));
  }

  @Test
  void everyServiceThatStaysIsWatched() {
    services()
        .forEach(
            (name, service) ->
                assertThat(service.has("healthcheck"))
                    .as("%s stays and is watched, or ends by itself", name)
                    .isEqualTo(service.path("restart").asText().equals("unless-stopped")));
  }

  @Test
  void noSecretIsWrittenDown() {
    int secrets = 0;
    for (Map.Entry<String, JsonNode> service : services().entrySet()) {
      for (Map.Entry<String, String> variable : environment(service.getValue()).entrySet()) {
        if (SECRET.matcher(variable.getKey()).matches()) {
          secrets++;
          assertThat(variable.getValue())
              .as("%s of %s", variable.getKey(), service.getKey())
              .matches("\\$\\{[A-Z0-9_]+:\\?[^}]+}");
        }
      }
    }
    assertThat(secrets).isGreaterThan(10);
  }

  @Test
  void theExampleNamesEveryVariableThatMustBeGiven() {
    Set<String> required = new TreeSet<>();
    Matcher variable = VARIABLE.matcher(text);
    while (variable.find()) {
      if (":?".equals(variable.group(2))) {
        required.add(variable.group(1));
      }
    }

    assertThat(required).containsExactlyInAnyOrderElementsOf(namesIn("ops/docker/env.example"));
    assertThat(read("ops/docker/env.example").lines().filter(line -> !line.startsWith("#")))
        .as("an example holds no secret")
        .allMatch(line -> line.endsWith("="));
    assertThat(read(".gitignore").lines()).contains(".env");
  }

  @Test
  void everyVariableIsExplained() {
    String operations = read("ops/docs/operations.md");
    Matcher variable = VARIABLE.matcher(text);
    Set<String> names = new TreeSet<>();
    while (variable.find()) {
      names.add(variable.group(1));
    }

    assertThat(names).hasSizeGreaterThan(8);
    assertThat(names).allSatisfy(name -> assertThat(operations).contains("`" + name + "`"));
  }

  @Test
  void dinoflowIsGivenExactlyWhatItReads() {
    for (Map.Entry<String, JsonNode> service : ours().entrySet()) {
      Map<String, String> given = new HashMap<>();
      environment(service.getValue())
          .forEach((name, value) -> given.put(name, withDefaults(value)));
      Set<String> expected = new TreeSet<>(given.keySet());
      expected.remove("JAVA_TOOL_OPTIONS");
      expected.addAll(NOT_IN_COMPOSE);

      Recorder recorder = new Recorder(given);
      OpsConfig config = OpsConfig.of(recorder);

      assertThat(recorder.asked).as(service.getKey()).isEqualTo(expected);
      assertThat(config.temporal().address()).isEqualTo("temporal:7233");
    }
    assertThat(read("ops/docker/Dockerfile")).contains("DINOFLOW_HOME=");
  }

  @Test
  void theReadmeExplainsEveryVariableThatDinoflowReads() {
    Recorder recorder = new Recorder(new HashMap<>(environmentOf("control")));
    OpsConfig.of(recorder);

    String readme = read("README.md");
    assertThat(recorder.asked).hasSizeGreaterThan(10);
    assertThat(recorder.asked).allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
  }

  @Test
  void everyRoleHasItsWorker() {
    List<String> commands =
        ours().values().stream()
            .map(service -> service.path("command").toString())
            .filter(command -> command.contains("worker"))
            .toList();

    assertThat(commands).hasSize(WorkerRole.values().length);
    for (WorkerRole role : WorkerRole.values()) {
      assertThat(commands).contains("[\"worker\",\"--role\",\"" + role.word() + "\"]");
      assertThat(environmentOf(role.word()))
          .containsEntry("JAVA_TOOL_OPTIONS", "-Xmx" + role.heapMax());
    }
  }

  @Test
  void workersShareNoFolder() {
    Set<String> homes =
        ours().values().stream()
            .flatMap(service -> stream(service.path("volumes")))
            .filter(volume -> volume.endsWith(":/var/lib/dinoflow/home"))
            .collect(Collectors.toCollection(TreeSet::new));

    // each sweeps what processes that it does not see left behind
    assertThat(homes).hasSize(WorkerRole.values().length);
    assertThat(compose.get("volumes").properties())
        .extracting(Map.Entry::getKey)
        .containsAll(homes.stream().map(volume -> volume.split(":")[0]).toList());
  }

  private Map<String, JsonNode> services() {
    Map<String, JsonNode> services = new TreeMap<>();
    compose.get("services").properties().forEach(e -> services.put(e.getKey(), e.getValue()));
    return services;
  }

  private Map<String, JsonNode> ours() {
    Map<String, JsonNode> ours = new TreeMap<>(services());
    ours.values().removeIf(service -> !service.path("image").asText().startsWith("dinoflow:"));
    assertThat(ours).hasSizeGreaterThan(3);
    return ours;
  }

  private Map<String, String> environmentOf(String service) {
    Map<String, String> variables = new HashMap<>();
    environment(services().get(service))
        .forEach((name, value) -> variables.put(name, withDefaults(value)));
    return variables;
  }

  private static Map<String, String> environment(JsonNode service) {
    Map<String, String> variables = new TreeMap<>();
    service
        .path("environment")
        .properties()
        .forEach(e -> variables.put(e.getKey(), e.getValue().asText()));
    return variables;
  }

  private static java.util.stream.Stream<String> stream(JsonNode list) {
    List<String> values = new ArrayList<>();
    list.forEach(value -> values.add(value.asText()));
    return values.stream();
  }

  /** The value where nobody sets a variable; one that must be set gets some text. */
  private static String withDefaults(String value) {
    return VARIABLE
        .matcher(value)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    ":-".equals(found.group(2)) ? found.group(3) : "given-" + found.group(1)));
  }

  private static List<String> namesIn(String file) {
    return read(file)
        .lines()
        .filter(line -> line.matches("[A-Z0-9_]+=.*"))
        .map(line -> line.split("=")[0])
        .toList();
  }

  /** SnakeYAML knows the merge keys of YAML 1.1, which Compose uses; Jackson does not. */
  private static JsonNode tree(String yaml) {
    Object loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    return new ObjectMapper().valueToTree(loaded);
  }

  private static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Remembers which variables were asked for. */
  private static final class Recorder extends HashMap<String, String> {
    private static final long serialVersionUID = 1L;
    private final TreeSet<String> asked = new TreeSet<>();

    Recorder(Map<String, String> values) {
      super(values);
    }

    @Override
    public String get(Object name) {
      asked.add((String) name);
      return super.get(name);
    }

    @Override
    public String getOrDefault(Object name, String fallback) {
      asked.add((String) name);
      return super.getOrDefault(name, fallback);
    }
  }
}
