package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.embedded.WorkerProgram;
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
      Pattern.compile(".*(PASSWORD|PWD|SECRET|ACCESS_KEY|ROOT_USER|TOKEN).*");

  /** Read by OpsConfig, but the image's or nobody's business here. */
  private static final Set<String> NOT_IN_COMPOSE =
      Set.of("DINOFLOW_HOME", AccessToken.FILE_VARIABLE);

  private static final Set<String> TOP = Set.of("name", "services", "volumes", "secrets");

  /** Of the Compose specification, what this file uses; a typing error is none of them. */
  private static final Set<String> OF_A_SERVICE =
      Set.of(
          "build",
          "cap_drop",
          "command",
          "depends_on",
          "environment",
          "healthcheck",
          "image",
          "ports",
          "profiles",
          "restart",
          "secrets",
          "security_opt",
          "shm_size",
          "stop_grace_period",
          "volumes");

  private static final Set<String> OF_A_CHECK =
      Set.of("test", "interval", "timeout", "retries", "start_period");

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
      // reached from other containers, so both want the token that they are given
      assertThat(Listener.page(recorder).token()).isPresent();
      assertThat(Listener.metrics(recorder).token()).isPresent();

      assertThat(recorder.asked).as(service.getKey()).isEqualTo(expected);
      assertThat(config.temporal().address()).isEqualTo("temporal:7233");
    }
    assertThat(read("ops/docker/Dockerfile")).contains("DINOFLOW_HOME=");
  }

  @Test
  void theReadmeExplainsEveryVariableThatDinoflowReads() {
    Recorder recorder = new Recorder(new HashMap<>(environmentOf("control")));
    OpsConfig.of(recorder);
    Listener.page(recorder);
    Listener.metrics(recorder);

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
  void holdsOnlyWhatComposeKnows() {
    compose
        .properties()
        .forEach(e -> assertThat(e.getKey()).matches(k -> TOP.contains(k) || k.startsWith("x-")));
    services()
        .forEach(
            (name, service) -> {
              assertThat(keys(service)).as(name).isSubsetOf(OF_A_SERVICE).contains("image");
              assertThat(keys(service.path("healthcheck"))).as(name).isSubsetOf(OF_A_CHECK);
              if (service.has("healthcheck")) {
                assertThat(service.at("/healthcheck/test/0").asText()).isIn("CMD", "CMD-SHELL");
                assertThat(service.at("/healthcheck/retries").isInt()).as(name).isTrue();
              }
              for (String duration : List.of("interval", "timeout", "start_period")) {
                assertThat(service.path("healthcheck").path(duration).asText("1s"))
                    .as("%s of %s", duration, name)
                    .matches("\\d+(ms|s|m)");
              }
              assertThat(service.path("restart").asText("no")).isIn("no", "unless-stopped");
              service
                  .path("ports")
                  .forEach(
                      port ->
                          assertThat(withDefaults(port.asText()))
                              .matches("127\\.0\\.0\\.1:\\d{2,5}:\\d{2,5}"));
            });
  }

  @Test
  void everythingThatIsReferredToIsThere() {
    services()
        .forEach(
            (name, service) -> {
              service
                  .path("depends_on")
                  .properties()
                  .forEach(
                      needed -> {
                        JsonNode other = services().get(needed.getKey());
                        assertThat(other).as("%s needs %s", name, needed.getKey()).isNotNull();
                        String condition = needed.getValue().path("condition").asText();
                        assertThat(condition)
                            .isIn("service_healthy", "service_completed_successfully");
                        assertThat(other.has("healthcheck"))
                            .as("%s waits for the health of %s", name, needed.getKey())
                            .isEqualTo(condition.equals("service_healthy"));
                      });
              stream(service.path("volumes"))
                  .map(volume -> withDefaults(volume).split(":")[0])
                  .filter(source -> !source.startsWith("."))
                  .forEach(source -> assertThat(compose.get("volumes").has(source)).isTrue());
              stream(service.path("volumes"))
                  .map(volume -> withDefaults(volume).split(":")[0])
                  .filter(source -> source.startsWith("./ops"))
                  .forEach(source -> assertThat(ROOT.resolve(source)).exists());
              stream(service.path("secrets"))
                  .forEach(secret -> assertThat(compose.get("secrets").has(secret)).isTrue());
            });
    assertThat(ROOT.resolve(compose.at("/x-dinoflow/build/dockerfile").asText())).exists();
  }

  @Test
  void prometheusReadsEveryProcessOfOursWithTheToken() {
    JsonNode jobs = tree(read("ops/docker/prometheus.yml")).get("scrape_configs");
    Map<String, JsonNode> byName = new HashMap<>();
    jobs.forEach(job -> byName.put(job.get("job_name").asText(), job));
    List<String> targets = stream(byName.get("dinoflow").at("/static_configs/0/targets")).toList();

    Set<String> processes =
        ours().entrySet().stream()
            .filter(e -> e.getValue().has("restart"))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    assertThat(targets.stream().map(t -> t.split(":")[0])).hasSameElementsAs(processes);
    for (String target : targets) {
      String service = target.split(":")[0];
      Map<String, String> given = environmentOf(service);
      assertThat(target.split(":")[1])
          .isEqualTo(
              Integer.toString(
                  service.equals("page")
                      ? Listener.page(given).port()
                      : Listener.metrics(given).port()));
    }
    String secret =
        byName
            .get("dinoflow")
            .at("/authorization/credentials_file")
            .asText()
            .replaceFirst(".*/", "");
    assertThat(stream(services().get("prometheus").get("secrets"))).contains(secret);
    assertThat(compose.get("secrets").get(secret).get("environment").asText())
        .isEqualTo(AccessToken.VARIABLE);
  }

  @Test
  void theImageRunsAsNobodySpecialAndHoldsNoSecret() {
    List<String> lines = read("ops/docker/Dockerfile").lines().toList();

    assertThat(lines).contains("USER dinoflow");
    assertThat(lines.indexOf("USER dinoflow"))
        .as("the program starts after the user was given up")
        .isLessThan(
            lines.indexOf(
                lines.stream().filter(l -> l.startsWith("ENTRYPOINT")).findFirst().orElseThrow()));
    assertThat(lines)
        .noneMatch(line -> line.startsWith("ADD ") || line.matches(".*(curl|wget) .*"));
    assertThat(lines)
        .filteredOn(
            line -> line.startsWith("ENV ") || line.startsWith("ARG ") || line.startsWith("    "))
        .noneMatch(line -> SECRET.matcher(line).matches());
    assertThat(read("ops/docker/Dockerfile.dockerignore").lines()).contains(".git", ".env");
  }

  @Test
  void theImageComputesUnderAWorkersVariables() {
    assertThat(read("ops/docker/Dockerfile"))
        .contains(
            WorkerProgram.arithmetic().entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList());
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

  private static Set<String> keys(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
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
