package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.Batches;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.train.Phase;
import io.dinoflow.model.train.Snapshot;
import io.dinoflow.model.train.StepListener;
import io.dinoflow.model.train.StepMetrics;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import io.dinoflow.ops.embedded.NativeCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The product's own trainer on one batch, a step whenever it is told to: what {@link StepBench}
 * measures, in a process of its own with a worker's environment.
 *
 * <p>Reads {@code step}, {@code memory}, {@code digest} and {@code quit} from standard input and
 * answers each but the last with one JSON object on a line of standard output.
 */
public final class StepProgram implements StepListener {
  static final String CASE = "case.safetensors";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final BufferedReader commands;
  private final PrintStream answers;
  private final Path folder;
  private final Trainer trainer;
  private final Map<String, Double> phases = new LinkedHashMap<>();
  private long wallNanos;
  private long cpuNanos;

  private StepProgram(BufferedReader commands, PrintStream answers, Path folder, Trainer trainer) {
    this.commands = commands;
    this.answers = answers;
    this.folder = folder;
    this.trainer = trainer;
  }

  /** Arguments: a folder for files, then those of {@link StepSetting}. */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    NativeCode.prepare(System.getenv());
    Path folder = Path.of(arguments[0]);
    StepSetting setting = StepSetting.of(Arrays.asList(arguments).subList(1, arguments.length));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Dataset dataset = StepPictures.in(folder.resolve("pictures"));
    Held held = new Held();
    try (Trainer trainer = Trainers.ssl(job(setting, dataset, folder), held::only)) {
      StepCase.write(
          folder.resolve(CASE),
          files(trainer, folder.resolve("before")),
          held.batch(),
          folder.resolve("batch.raw"));
      new StepProgram(commands, answers, folder, trainer).serve();
    }
  }

  private static TrainJob job(StepSetting setting, Dataset dataset, Path folder) {
    return new TrainJob(
        setting.recipe(),
        StepSetting.STAGE,
        "",
        dataset,
        Map.of(),
        0,
        Optional.empty(),
        Optional.empty(),
        folder);
  }

  /** Every step gets the batch of step 0, which is kept to be handed over. */
  private static final class Held {
    private Optional<Batch> batch = Optional.empty();

    BatchAssembler<Batch> only(BatchAssembler<Batch> own) {
      try {
        BatchAssembler<Batch> held = Batches.held(own);
        batch = Optional.of(held.slot().assemble(0));
        return held;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make the batch", e);
      }
    }

    Batch batch() {
      return batch.orElseThrow();
    }
  }

  private void serve() {
    answer(Map.of("ready", "dinoflow"));
    if (toldToStep()) {
      trainer.run(Long.MAX_VALUE, this);
    }
  }

  @Override
  public void onPhase(Phase phase, long fromNanos, long untilNanos) {
    phases.merge(phase.word(), (untilNanos - fromNanos) / 1e9, Double::sum);
  }

  @Override
  public Verdict onStep(StepMetrics metrics) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("loss", metrics.values().get("total_loss"));
    facts.put("seconds", (System.nanoTime() - wallNanos) / 1e9);
    facts.put("cpuSeconds", (PROCESS.getProcessCpuTime() - cpuNanos) / 1e9);
    facts.put("phases", phases);
    answer(facts);
    return toldToStep() ? Verdict.GO_ON : Verdict.STOP;
  }

  /** Answers until a step is wanted, or nothing more. */
  private boolean toldToStep() {
    try {
      while (true) {
        String command = commands.readLine();
        if (command == null || command.equals("quit")) {
          return false;
        }
        switch (command) {
          case "step" -> {
            phases.clear();
            cpuNanos = PROCESS.getProcessCpuTime();
            wallNanos = System.nanoTime();
            return true;
          }
          case "memory" -> answer(memory());
          case "digest" -> answer(digest());
          default -> throw new IllegalArgumentException("no such command: " + command);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read commands", e);
    }
  }

  private Map<String, String> digest() {
    Map<String, String> digests = new TreeMap<>();
    files(trainer, folder.resolve("digest"))
        .forEach(file -> digests.put(file.name(), file.sha256().hex()));
    return digests;
  }

  /** The files of a checkpoint of the one track that is trained. */
  private static List<BlobFile> files(Trainer trainer, Path folder) {
    Collection<Snapshot> snapshots = trainer.snapshot(folder).values();
    return snapshots.stream().flatMap(snapshot -> snapshot.files().stream()).toList();
  }

  private static Map<String, Long> memory() throws IOException {
    return ProcessMemory.ofThisProcess().asMap();
  }

  private void answer(Map<String, ?> facts) {
    try {
      answers.println(JSON.writeValueAsString(facts));
      answers.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot answer", e);
    }
  }
}
