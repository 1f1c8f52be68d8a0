package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.embedded.JavaProgram;
import io.dinoflow.ops.embedded.WorkerProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * How long one training step takes and how much memory it needs: the product's own trainer in a
 * process with a worker's environment, and in turns with it, where that is wanted, a plain PyTorch
 * step of the same network on the same weights and batch.
 *
 * @param steps measured, after {@link #WARM_UP} others
 */
public record StepBench(StepSetting setting, int steps) {
  static final int WARM_UP = 5;
  static final double LOSS_DIFFERENCE_MAX = 1e-4;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MEGABYTE = 1e6;

  /** The two do not compute the same: their times cannot be compared. */
  public static final class DifferentLossException extends Exception {
    private static final long serialVersionUID = 1L;

    DifferentLossException(String message) {
      super(message);
    }
  }

  /** Steps after which memory is held to stay as it is. */
  private static final int SETTLED = 20;

  /**
   * Steps of one program, in order, and its memory.
   *
   * @param settled after {@link #SETTLED} steps, where there were so many
   * @param memory at the end
   */
  private record Run(
      String name,
      List<StepChild.Step> steps,
      Optional<ProcessMemory> settled,
      ProcessMemory memory) {
    double[] of(ToDoubleFunction<StepChild.Step> number) {
      return steps.stream().mapToDouble(number).toArray();
    }
  }

  /** Ours alone. */
  public List<Measurement> run(Path folder, Consumer<String> progress) throws IOException {
    try (StepChild ours = ours(folder)) {
      warmUp(ours);
      List<StepChild.Step> made = new ArrayList<>();
      Optional<ProcessMemory> settled = Optional.empty();
      for (int i = 0; i < steps; i++) {
        made.add(ours.step());
        settled = settled(i, settled, ours);
        progress.accept("step %d of %d".formatted(i + 1, steps));
      }
      return rows(new Run(ours.name(), made, settled, ours.memory()), Optional.empty());
    }
  }

  /** Ours and PyTorch's in turns: who begins changes with every pair. */
  public List<Measurement> run(Python python, Path folder, Consumer<String> progress)
      throws IOException, DifferentLossException {
    try (StepChild ours = ours(folder);
        StepChild theirs = theirs(python, folder)) {
      agree(ours.step(), theirs.step());
      for (int i = 1; i < WARM_UP; i++) {
        ours.step();
        theirs.step();
      }
      return inTurns(ours, theirs, progress);
    }
  }

  /**
   * Ours in turns with a second process of ours that keeps all activations. Besides what steps take
   * it says how far memory rises above what is resident before the first step, and how many files
   * of the state differ at the end.
   */
  public List<Measurement> runTwice(Path folder, Consumer<String> progress) throws IOException {
    StepBench other = new StepBench(setting.keeping(StepSetting.Kept.all), steps);
    try (StepChild ours = ours(Files.createDirectory(folder.resolve("one")));
        StepChild theirs = other.ours(Files.createDirectory(folder.resolve("other")))) {
      long ourLoaded = ours.memory().residentBytes();
      long theirLoaded = theirs.memory().residentBytes();
      warmUp(ours);
      warmUp(theirs);
      List<Measurement> rows = new ArrayList<>(inTurns(ours, theirs, progress));
      double our = (ours.memory().peakBytes() - ourLoaded) / MEGABYTE;
      double their = (theirs.memory().peakBytes() - theirLoaded) / MEGABYTE;
      rows.add(
          row(
              "peak_above_loaded",
              "MB",
              our,
              0,
              our / their,
              "%s, %.0f MB".formatted(StepSetting.Kept.all.words(), their)));
      rows.add(differing(ours.digest(), theirs.digest()));
      return List.copyOf(rows);
    }
  }

  private Measurement differing(Map<String, String> ours, Map<String, String> theirs) {
    Set<String> differing = new TreeSet<>(ours.keySet());
    differing.addAll(theirs.keySet());
    differing.removeIf(file -> ours.getOrDefault(file, "").equals(theirs.get(file)));
    return row(
        "differing_files",
        "files",
        differing.size(),
        0,
        differing.isEmpty() ? 1 : 0,
        "another process after %d steps; ours has %d files, together %s"
            .formatted(
                WARM_UP + steps,
                ours.size(),
                Sha256.ofText(new TreeMap<>(ours).toString()).shortForm()));
  }

  private List<Measurement> inTurns(StepChild ours, StepChild theirs, Consumer<String> progress)
      throws IOException {
    List<StepChild.Step> our = new ArrayList<>();
    List<StepChild.Step> their = new ArrayList<>();
    Optional<ProcessMemory> settled = Optional.empty();
    for (int i = 0; i < steps; i++) {
      if (i % 2 == 0) {
        our.add(ours.step());
        their.add(theirs.step());
      } else {
        their.add(theirs.step());
        our.add(ours.step());
      }
      settled = settled(i, settled, ours);
      progress.accept(
          "pair %d of %d: %.3f s, %.3f s"
              .formatted(i + 1, steps, our.get(i).seconds(), their.get(i).seconds()));
    }
    return rows(
        new Run(ours.name(), our, settled, ours.memory()),
        Optional.of(new Run(theirs.name(), their, Optional.empty(), theirs.memory())));
  }

  private static Optional<ProcessMemory> settled(
      int index, Optional<ProcessMemory> before, StepChild child) throws IOException {
    return WARM_UP + index + 1 == SETTLED ? Optional.of(child.memory()) : before;
  }

  private static void warmUp(StepChild child) throws IOException {
    for (int i = 0; i < WARM_UP; i++) {
      child.step();
    }
  }

  /**
   * Digits of bf16 products differ between programs, and sums of a GPU between its kernels, so only
   * fp32 of the processor is held to the last ones.
   */
  private void agree(StepChild.Step ours, StepChild.Step theirs) throws DifferentLossException {
    double allowed =
        setting.precision() == StepSetting.Precision.fp32 && setting.onCpu()
            ? LOSS_DIFFERENCE_MAX
            : 1e-3 * Math.abs(ours.loss());
    if (!(Math.abs(ours.loss() - theirs.loss()) <= allowed)) {
      throw new DifferentLossException(
          String.format(
              Locale.ROOT,
              "the loss of the first step is %.6f here and %.6f there, more than %.0e apart",
              ours.loss(),
              theirs.loss(),
              allowed));
    }
  }

  StepChild ours(Path folder) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arguments.addAll(setting.arguments());
    return StepChild.start(
        JavaProgram.command(
            StepProgram.class.getName(), WorkerProgram.options(WorkerRole.TRAIN), arguments),
        WorkerProgram.arithmetic(),
        folder.resolve("ours.log"));
  }

  /** The same threads and the same allocator settings. */
  private StepChild theirs(Python python, Path folder) throws IOException {
    Map<String, String> environment = new HashMap<>(WorkerProgram.arithmetic());
    environment.put("OMP_NUM_THREADS", String.valueOf(setting.threads()));
    environment.put("MKL_NUM_THREADS", String.valueOf(setting.threads()));
    return StepChild.start(
        python.script(
            "reference_step.py",
            folder,
            List.of(
                folder.resolve(StepProgram.CASE).toString(),
                JSON.writeValueAsString(setting.forReference()))),
        environment,
        folder.resolve("theirs.log"));
  }

  private List<Measurement> rows(Run ours, Optional<Run> theirs) {
    List<Measurement> rows = new ArrayList<>();
    rows.add(time("step_time", ours, theirs, StepChild.Step::seconds));
    rows.add(time("step_cpu_time", ours, theirs, StepChild.Step::cpuSeconds));
    double peak = ours.memory().peakBytes() / MEGABYTE;
    rows.add(
        theirs
            .map(
                t ->
                    row(
                        "peak_memory",
                        "MB",
                        peak,
                        0,
                        peak / (t.memory().peakBytes() / MEGABYTE),
                        "%s %.0f MB".formatted(t.name(), t.memory().peakBytes() / MEGABYTE)))
            .orElseGet(() -> row("peak_memory", "MB", peak, 0, 1, "itself")));
    ours.settled()
        .ifPresent(
            then -> {
              rows.add(growth("peak_memory_growth", ours, then, ProcessMemory::peakBytes));
              rows.add(growth("resident_memory", ours, then, ProcessMemory::residentBytes));
            });
    rows.addAll(phases(ours, theirs));
    return List.copyOf(rows);
  }

  private Measurement growth(
      String metric, Run ours, ProcessMemory then, ToLongFunction<ProcessMemory> bytes) {
    long now = bytes.applyAsLong(ours.memory());
    return row(
        metric,
        "MB",
        now / MEGABYTE,
        0,
        (double) now / bytes.applyAsLong(then),
        "itself after %d steps, %.0f MB; now %d"
            .formatted(SETTLED, bytes.applyAsLong(then) / MEGABYTE, WARM_UP + ours.steps().size()));
  }

  /** Where the time goes: phases that both measure are compared, the others stand alone. */
  private List<Measurement> phases(Run ours, Optional<Run> theirs) {
    Set<String> our = names(ours);
    Set<String> their = theirs.map(StepBench::names).orElse(Set.of());
    // a second process of ours has no parts of its own
    boolean otherwise = theirs.isPresent() && !theirs.get().name().equals(ours.name());
    List<Measurement> rows = new ArrayList<>();
    for (String phase : our) {
      rows.add(
          time(
              phase,
              ours,
              their.contains(phase) ? theirs : Optional.empty(),
              step -> step.phases().getOrDefault(phase, 0.0)));
    }
    for (String phase : otherwise ? their : Set.<String>of()) {
      Run other = theirs.orElseThrow();
      double[] seconds = other.of(step -> step.phases().getOrDefault(phase, 0.0));
      rows.add(
          row(
              other.name().split(" ", 2)[0] + "_" + phase,
              "s",
              PairedRatio.median(seconds),
              PairedRatio.spread(seconds),
              1,
              "itself"));
    }
    return rows;
  }

  private static Set<String> names(Run run) {
    Set<String> names = new LinkedHashSet<>();
    run.steps().forEach(step -> names.addAll(step.phases().keySet()));
    return names;
  }

  private Measurement time(
      String metric, Run ours, Optional<Run> theirs, ToDoubleFunction<StepChild.Step> number) {
    double[] our = ours.of(number);
    double value = PairedRatio.median(our);
    double spread = PairedRatio.spread(our);
    if (theirs.isEmpty()) {
      return row(metric, "s", value, spread, 1, "itself");
    }
    double[] their = theirs.get().of(number);
    PairedRatio ratio = PairedRatio.of(our, their);
    return row(
        metric,
        "s",
        value,
        spread,
        ratio.median(),
        String.format(
            Locale.ROOT,
            "%s %.3f s; 95 %% of %d pairs %.3f to %.3f",
            theirs.get().name(),
            PairedRatio.median(their),
            ratio.pairs(),
            ratio.low(),
            ratio.high()));
  }

  private Measurement row(
      String metric, String unit, double value, double spread, double ratio, String against) {
    return new Measurement("step", setting.subject(), metric, unit, value, spread, ratio, against);
  }
}
