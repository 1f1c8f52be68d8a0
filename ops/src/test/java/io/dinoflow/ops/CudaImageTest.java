package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The image for GPUs: what can be said of it without an engine that builds images, or a GPU. */
class CudaImageTest {
  private static final Path ROOT = Path.of(System.getProperty("dinoflow.root"));
  private static final Pattern REQUIREMENT =
      Pattern.compile("([a-z0-9-]+)==(\\S+) \\\\\n    --hash=sha256:[0-9a-f]{64}\n");

  private final String dockerfile = read("ops/docker/Dockerfile");
  private final String requirements = read("ops/docker/torch-cuda.txt");

  @Test
  void isForTheProcessorUnlessSomebodySaysOtherwise() {
    List<String> arguments =
        dockerfile.lines().filter(line -> line.startsWith("ARG ACC")).distinct().toList();

    assertThat(arguments).containsExactly("ARG ACCELERATOR=cpu", "ARG ACCELERATOR");
    assertThat(read("ops/docs/operations.md")).contains("### Accelerators", "ACCELERATOR=cuda");
    assertThat(read("pom.xml") + read("model-core/pom.xml") + read("activities/pom.xml"))
        .as("what the page says of the natives")
        .contains("pytorch-native-cpu")
        .doesNotContain("pytorch-native-cu1");
  }

  /** The check as the shell of the image's build runs it. */
  @ParameterizedTest
  @CsvSource({"cpu, 0", "cuda, 0", "rocm, 1", "'', 1", "CUDA, 1"})
  void refusesAnyOtherAccelerator(String accelerator, int status) throws Exception {
    Matcher check =
        Pattern.compile("RUN (case \"\\$ACCELERATOR\".*?esac)", Pattern.DOTALL).matcher(dockerfile);
    assertThat(check.find()).isTrue();
    assertThat(check.start())
        .as("it is refused before anything is copied or built")
        .isLessThan(dockerfile.indexOf("COPY . ."));

    ProcessBuilder shell = new ProcessBuilder("sh", "-c", check.group(1)).redirectErrorStream(true);
    shell.environment().put("ACCELERATOR", accelerator);
    Process process = shell.start();
    String said = new String(process.getInputStream().readAllBytes());

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(status);
    if (status != 0) {
      assertThat(said).startsWith("ACCELERATOR is %s, must be cpu or cuda".formatted(accelerator));
    }
  }

  @Test
  void everyLibraryIsPinnedWithItsDigest() {
    Matcher requirement = REQUIREMENT.matcher(requirements);
    List<String> names = new ArrayList<>();
    String rest = requirements.replaceAll("(?m)^#.*\n", "");
    while (requirement.find()) {
      names.add(requirement.group(1));
      rest = rest.replace(requirement.group(), "");
    }

    assertThat(rest).as("lines that pin nothing").isBlank();
    assertThat(names).doesNotHaveDuplicates().contains("torch", "nvidia-cublas-cu12");
    assertThat(names).filteredOn(name -> name.startsWith("nvidia-")).hasSizeGreaterThan(10);
    assertThat(dockerfile).contains("--require-hashes", "--no-deps", "torch-cuda.txt");
  }

  @Test
  void itsLibtorchHasTheVersionOfTheNativesAmongTheJars() {
    Matcher version =
        Pattern.compile("<pytorch.version>(.*?)</pytorch.version>").matcher(read("pom.xml"));
    assertThat(version.find()).isTrue();

    assertThat(requirements).contains("\ntorch==" + version.group(1) + " ");
  }

  @Test
  void theLibraryIsNamedInTheImageForGpusOnly() {
    assertThat(dockerfile)
        .contains(
            "ARG CUDA=${ACCELERATOR#cpu}\n", "PYTORCH_LIBRARY_PATH=${CUDA:+/opt/torch/torch/lib}");
    assertThat(dockerfile)
        .contains("--target /opt/torch", "COPY --from=torch /opt/torch /opt/torch");
  }

  @Test
  void theOverrideGivesGpusToWhatComputesAndToWhatDecides() {
    JsonNode base = services("docker-compose.yml");
    JsonNode override = services("docker-compose.cuda.yml");
    List<String> ours = new ArrayList<>();
    base.properties()
        .forEach(
            e -> {
              if (e.getValue().path("image").asText().equals("dinoflow:local")) {
                ours.add(e.getKey());
              }
            });
    TreeSet<String> withGpu = new TreeSet<>();
    for (Map.Entry<String, JsonNode> service : override.properties()) {
      JsonNode devices = service.getValue().at("/deploy/resources/reservations/devices");
      if (!devices.isMissingNode()) {
        withGpu.add(service.getKey());
        assertThat(devices.get(0).path("driver").asText()).isEqualTo("nvidia");
        assertThat(devices.get(0).path("capabilities").toString()).isEqualTo("[\"gpu\"]");
      }
      assertThat(service.getValue().at("/build/args/ACCELERATOR").asText()).isEqualTo("cuda");
    }

    assertThat(override.properties()).extracting(Map.Entry::getKey).hasSameElementsAs(ours);
    assertThat(withGpu).containsExactly("compute", "control", "train");
  }

  private static JsonNode services(String file) {
    return new ObjectMapper().valueToTree(new Yaml().<Object>load(read(file))).get("services");
  }

  private static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
