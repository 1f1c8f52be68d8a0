package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.embedded.JavaProgram;
import io.dinoflow.ops.embedded.WorkerProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * How many pictures a second become features: the product's own {@code embed}, from JPEG files to a
 * file of features, and in turns with it, where that is wanted, transformers' model of the same
 * directory on the same pictures.
 *
 * @param turns measured, each over all pictures, after {@link #WARM_UP} others
 */
public record EmbedBench(EmbedSetting setting, int turns) {
  static final int WARM_UP = 2;

  /** Pictures of a turn. */
  static final int PICTURES = DataPictures.PICTURES;

  /** Norm of the features' difference in parts of their norm. */
  static final double DIFFERENCE_MAX = 1e-4;

  /** Where matrix products are rounded to eight bits in one place or another. */
  static final double BF16_DIFFERENCE_MAX = 0.03;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MEGABYTE = 1e6;

  /** The two do not compute the same: their times cannot be compared. */
  public static final class DifferentFeaturesException extends Exception {
    private static final long serialVersionUID = 1L;

    DifferentFeaturesException(String message) {
      super(message);
    }
  }

  private record Turn(double seconds, double cpuSeconds, double waitSeconds) {
    double waitShare() {
      return waitSeconds / seconds;
    }
  }

  /** Turns of one program, in order, and its memory at the end. */
  private record Run(String name, List<Turn> turns, ProcessMemory memory) {
    double[] of(ToDoubleFunction<Turn> number) {
      return turns.stream().mapToDouble(number).toArray();
    }
  }

  /** Ours alone. */
  public List<Measurement> run(Path folder, Consumer<String> progress) throws IOException {
    EmbedCase.write(setting, folder);
    try (LineProcess ours = ours(folder)) {
      Path features = folder.resolve("ours.safetensors");
      for (int i = 0; i < WARM_UP; i++) {
        turn(ours, features);
      }
      List<Turn> made = new ArrayList<>();
      for (int i = 0; i < turns; i++) {
        made.add(turn(ours, features));
        progress.accept("turn %d of %d".formatted(i + 1, turns));
      }
      return rows(new Run(ours.name(), made, ProcessMemory.of(ours)), Optional.empty());
    }
  }

  /** Ours and transformers' in turns: who begins changes with every pair. */
  public List<Measurement> run(Python python, Path folder, Consumer<String> progress)
      throws IOException, DifferentFeaturesException {
    EmbedCase.write(setting, folder);
    Path our = folder.resolve("ours.safetensors");
    Path their = folder.resolve("theirs.safetensors");
    try (LineProcess ours = ours(folder);
        LineProcess theirs = theirs(python, folder)) {
      for (int i = 0; i < WARM_UP; i++) {
        turn(ours, our);
        turn(theirs, their);
      }
      agree(our, their);
      List<Turn> made = new ArrayList<>();
      List<Turn> held = new ArrayList<>();
      for (int i = 0; i < turns; i++) {
        if (i % 2 == 0) {
          made.add(turn(ours, our));
          held.add(turn(theirs, their));
        } else {
          held.add(turn(theirs, their));
          made.add(turn(ours, our));
        }
        progress.accept(
            String.format(
                Locale.ROOT,
                "pair %d of %d: %.1f and %.1f pictures a second",
                i + 1,
                turns,
                PICTURES / made.get(i).seconds(),
                PICTURES / held.get(i).seconds()));
      }
      return rows(
          new Run(ours.name(), made, ProcessMemory.of(ours)),
          Optional.of(new Run(theirs.name(), held, ProcessMemory.of(theirs))));
    }
  }

  private static Turn turn(LineProcess child, Path features) throws IOException {
    JsonNode facts = child.ask("embed " + features);
    if (facts.required("rows").asInt() != PICTURES) {
      throw new IOException(
          "%s embedded %d of %d pictures"
              .formatted(child.name(), facts.required("rows").asInt(), PICTURES));
    }
    return new Turn(
        facts.required("seconds").asDouble(),
        facts.required("cpuSeconds").asDouble(),
        facts.required("waitSeconds").asDouble());
  }

  private void agree(Path ours, Path theirs) throws IOException, DifferentFeaturesException {
    double allowed =
        setting.precision() == NumberFormat.fp32 ? DIFFERENCE_MAX : BF16_DIFFERENCE_MAX;
    double apart = FeatureDifference.between(ours, theirs);
    if (!(apart <= allowed)) {
      throw new DifferentFeaturesException(
          String.format(
              Locale.ROOT,
              "the features are %.2e of their norm apart, at most %.0e are allowed",
              apart,
              allowed));
    }
  }

  private LineProcess ours(Path folder) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arguments.addAll(setting.arguments());
    return LineProcess.start(
        JavaProgram.command(
            EmbedProgram.class.getName(), WorkerProgram.options(WorkerRole.TRAIN), arguments),
        WorkerProgram.arithmetic(),
        folder.resolve("ours.log"));
  }

  /** The same threads and the same allocator settings. */
  private LineProcess theirs(Python python, Path folder) throws IOException {
    Map<String, String> environment = new HashMap<>(WorkerProgram.arithmetic());
    environment.put("OMP_NUM_THREADS", String.valueOf(setting.threads()));
    environment.put("MKL_NUM_THREADS", String.valueOf(setting.threads()));
    // the directory has everything; nobody is asked for it
    environment.put("HF_HUB_OFFLINE", "1");
    return LineProcess.start(
        python.script(
            "reference_embed.py",
            folder,
            List.of(
                EmbedCase.model(folder).toString(),
                EmbedCase.pictures(folder).toString(),
                JSON.writeValueAsString(setting.forReference()))),
        environment,
        folder.resolve("theirs.log"));
  }

  private List<Measurement> rows(Run ours, Optional<Run> theirs) {
    List<Measurement> rows = new ArrayList<>();
    rows.add(row("pictures_per_second", "1/s", ours, theirs, t -> PICTURES / t.seconds()));
    rows.add(row("pictures_per_cpu_second", "1/s", ours, theirs, t -> PICTURES / t.cpuSeconds()));
    rows.add(row("data_wait_share", "1", ours, Optional.empty(), Turn::waitShare));
    theirs.ifPresent(
        t -> {
          double[] shares = t.of(Turn::waitShare);
          rows.add(
              row(
                  t.name().split(" ", 2)[0] + "_data_wait_share",
                  "1",
                  PairedRatio.median(shares),
                  PairedRatio.spread(shares),
                  1,
                  "itself"));
        });
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
    return List.copyOf(rows);
  }

  private Measurement row(
      String metric, String unit, Run ours, Optional<Run> theirs, ToDoubleFunction<Turn> number) {
    double[] our = ours.of(number);
    double value = PairedRatio.median(our);
    double spread = PairedRatio.spread(our);
    if (theirs.isEmpty()) {
      return row(metric, unit, value, spread, 1, "itself");
    }
    double[] their = theirs.get().of(number);
    PairedRatio ratio = PairedRatio.of(our, their);
    return row(
        metric, unit, value, spread, ratio.median(), ratio.against(theirs.get().name(), their));
  }

  private Measurement row(
      String metric, String unit, double value, double spread, double ratio, String against) {
    return new Measurement("embed", setting.subject(), metric, unit, value, spread, ratio, against);
  }
}
