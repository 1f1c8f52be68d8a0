package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.dinoflow.activity.ingest.LocalPictures;
import io.dinoflow.model.embed.Embedder;
import io.dinoflow.model.kernel.ComputeDevice;
import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.ops.embedded.NativeCode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The product's {@code embed} over all pictures of an {@link EmbedCase}, whenever it is told to:
 * what {@link EmbedBench} measures, in a process of its own with a worker's environment. The model
 * is loaded once.
 *
 * <p>Reads {@code embed FILE}, {@code memory} and {@code quit} from standard input and answers each
 * but the last with one JSON object on a line of standard output.
 */
public final class EmbedProgram {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private EmbedProgram() {}

  /** Arguments: the case's folder, then those of {@link EmbedSetting}. */
  public static void main(String[] arguments) throws IOException {
    // Standard output is the line to the bench; nobody else writes to it.
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    NativeCode.prepare(System.getenv());
    Path folder = Path.of(arguments[0]);
    Embedder.Settings settings =
        new Embedder.Settings(
            EmbedSetting.BATCH,
            ComputeDevice.CPU,
            Integer.parseInt(arguments[2]),
            Precision.of(NumberFormat.valueOf(arguments[1])),
            Files.createDirectories(folder.resolve("scratch")),
            Map.of(),
            done -> {});
    Embedder.Model model =
        Embedder.Model.of(EmbedCase.model(folder), folder.resolve("weights.safetensors"));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Embedder embedder = Embedder.of(model, settings)) {
      answer(answers, Map.of("ready", "dinoflow"));
      for (String line = commands.readLine();
          line != null && !line.equals("quit");
          line = commands.readLine()) {
        String[] words = line.split(" ", 2);
        answer(
            answers,
            switch (words[0]) {
              case "embed" -> embed(embedder, EmbedCase.pictures(folder), Path.of(words[1]));
              case "memory" -> ProcessMemory.ofThisProcess().asMap();
              default -> throw new IllegalArgumentException("no such command: " + line);
            });
      }
    }
  }

  private static Map<String, ?> embed(Embedder embedder, Path pictures, Path output)
      throws IOException {
    long wall = System.nanoTime();
    long cpu = PROCESS.getProcessCpuTime();
    Embedder.Outcome outcome = embedder.pictures(LocalPictures.at(pictures), output);
    return Map.of(
        "rows", outcome.rows(),
        "seconds", (System.nanoTime() - wall) / 1e9,
        "cpuSeconds", (PROCESS.getProcessCpuTime() - cpu) / 1e9,
        "waitSeconds", outcome.waited().toNanos() / 1e9);
  }

  private static void answer(PrintStream answers, Map<String, ?> facts) throws IOException {
    answers.println(JSON.writeValueAsString(facts));
    answers.flush();
  }
}
