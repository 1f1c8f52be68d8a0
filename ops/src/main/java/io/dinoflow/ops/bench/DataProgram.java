package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSpec;
import io.dinoflow.model.data.Batches;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.data.UnreadableImageException;
import io.dinoflow.model.recipe.CropRecipe;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The product's own batches, as many pictures as it is told to: what {@link DataBench} measures, in
 * a process of its own with a worker's options, on one thread. Every picture is read from its shard
 * and decoded each time.
 *
 * <p>Reads {@code whole SIDE}, {@code make N} and {@code quit} from standard input and answers each
 * but the last with one JSON object on a line of standard output.
 */
public final class DataProgram {
  static final int BATCH = 8;
  static final int GLOBAL = 112;
  static final int LOCAL = 48;
  static final int LOCALS = 8;

  private static final int PATCH = 16;
  private static final long KEEP_NO_PIXELS = 0;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Dataset dataset;
  private final SampleImages images;
  private final BatchAssembler.Slot<Batch> slot;
  private long step;

  private DataProgram(Dataset dataset) {
    this.dataset = dataset;
    this.images = new CachedImages(dataset.shards(), new ImageDecoder(), KEEP_NO_PIXELS);
    this.slot = Batches.multiCrop(dataset, images, spec()).slot();
  }

  /** Arguments: the folder for the pictures. */
  public static void main(String[] arguments) throws IOException, UnreadableImageException {
    // Standard output is the line to the bench; nobody else writes to it.
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    DataProgram program = new DataProgram(DataPictures.in(Path.of(arguments[0])));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    answer(answers, Map.of("ready", "dinoflow"));
    for (String line = commands.readLine();
        line != null && !line.equals("quit");
        line = commands.readLine()) {
      List<String> words = List.of(line.split(" "));
      int number = Integer.parseInt(words.get(1));
      answer(
          answers,
          switch (words.get(0)) {
            case "whole" -> program.whole(number);
            case "make" -> program.make(number);
            default -> throw new IllegalArgumentException("no such command: " + line);
          });
    }
  }

  private static void answer(PrintStream answers, Map<String, ?> facts) throws IOException {
    answers.println(JSON.writeValueAsString(facts));
    answers.flush();
  }

  private static BatchSpec spec() {
    CropRecipe crops =
        new CropRecipe(
            List.of(new CropRecipe.Size(GLOBAL, LOCAL, 0, 1)),
            List.of(0.32, 1.0),
            LOCALS,
            List.of(0.05, 0.32),
            true,
            true,
            1,
            1,
            1,
            1,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225));
    return new BatchSpec(1, BATCH, crops, BatchSpec.GramCrops.NONE, PATCH, 0.5, List.of(0.1, 0.5));
  }

  /** The first picture, shrunk as a whole. */
  private Map<String, String> whole(int side) throws IOException, UnreadableImageException {
    RgbImage whole = images.image(dataset.samples().get(0)).resized(side, side);
    return Map.of("rgb", Base64.getEncoder().encodeToString(whole.rgb()));
  }

  private Map<String, Double> make(int pictures) throws IOException {
    long wall = System.nanoTime();
    long cpu = PROCESS.getProcessCpuTime();
    for (int made = 0; made < pictures; made += BATCH) {
      slot.assemble(step++);
    }
    return Map.of(
        "seconds", (System.nanoTime() - wall) / 1e9,
        "cpuSeconds", (PROCESS.getProcessCpuTime() - cpu) / 1e9);
  }
}
