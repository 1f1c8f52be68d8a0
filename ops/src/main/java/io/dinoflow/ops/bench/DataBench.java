package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.embedded.JavaProgram;
import io.dinoflow.ops.embedded.WorkerProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * How many pictures a core turns into multi-crops: the product's own batches on one thread of a
 * process like a worker's, and in turns with it, where that is wanted, torchvision on PIL pictures
 * doing the same to the same JPEGs.
 *
 * @param turns measured
 * @param warmUp turns before that, until the compiler has done its work
 */
public record DataBench(int turns, int warmUp) {
  public static final int WARM_UP = 8;

  /** Pictures of a turn: each of the set once. */
  static final int PICTURES = DataPictures.PICTURES;

  /** What the goldens of PIL's transforms allow. */
  static final int LEVELS_APART_MAX = 1;

  static final String SUBJECT =
      "%d x %d + %d x %d of %d x %d JPEG"
          .formatted(
              2,
              DataProgram.GLOBAL,
              DataProgram.LOCALS,
              DataProgram.LOCAL,
              DataPictures.WIDTH,
              DataPictures.HEIGHT);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The two do not make the same pixels: their times cannot be compared. */
  public static final class DifferentPixelsException extends Exception {
    private static final long serialVersionUID = 1L;

    DifferentPixelsException(String message) {
      super(message);
    }
  }

  private record Turn(double seconds, double cpuSeconds) {}

  /** Turns of one program, in order. */
  private record Run(String name, List<Turn> turns) {
    double[] perSecond(ToDoubleFunction<Turn> seconds) {
      return turns.stream().mapToDouble(turn -> PICTURES / seconds.applyAsDouble(turn)).toArray();
    }
  }

  /** Ours alone. */
  public List<Measurement> run(Path folder, Consumer<String> progress) throws IOException {
    try (LineProcess ours = ours(folder)) {
      for (int i = 0; i < warmUp; i++) {
        turn(ours);
      }
      List<Turn> made = new ArrayList<>();
      for (int i = 0; i < turns; i++) {
        made.add(turn(ours));
        progress.accept("turn %d of %d".formatted(i + 1, turns));
      }
      return rows(new Run(ours.name(), made), Optional.empty());
    }
  }

  /** Ours and torchvision's in turns: who begins changes with every pair. */
  public List<Measurement> run(Python python, Path folder, Consumer<String> progress)
      throws IOException, DifferentPixelsException {
    try (LineProcess ours = ours(folder);
        LineProcess theirs = theirs(python, folder)) {
      agree(ours, theirs);
      for (int i = 0; i < warmUp; i++) {
        turn(ours);
      }
      turn(theirs);
      List<Turn> our = new ArrayList<>();
      List<Turn> their = new ArrayList<>();
      for (int i = 0; i < turns; i++) {
        if (i % 2 == 0) {
          our.add(turn(ours));
          their.add(turn(theirs));
        } else {
          their.add(turn(theirs));
          our.add(turn(ours));
        }
        progress.accept(
            String.format(
                Locale.ROOT,
                "pair %d of %d: %.0f and %.0f pictures per CPU second",
                i + 1,
                turns,
                PICTURES / our.get(i).cpuSeconds(),
                PICTURES / their.get(i).cpuSeconds()));
      }
      return rows(new Run(ours.name(), our), Optional.of(new Run(theirs.name(), their)));
    }
  }

  private static Turn turn(LineProcess child) throws IOException {
    JsonNode facts = child.ask("make " + PICTURES);
    return new Turn(facts.required("seconds").asDouble(), facts.required("cpuSeconds").asDouble());
  }

  private static void agree(LineProcess ours, LineProcess theirs)
      throws IOException, DifferentPixelsException {
    int apart = apart(whole(ours), whole(theirs));
    if (apart > LEVELS_APART_MAX) {
      throw new DifferentPixelsException(
          "the first picture, decoded and shrunk, differs by %d levels, at most %d are allowed"
              .formatted(apart, LEVELS_APART_MAX));
    }
  }

  private static byte[] whole(LineProcess child) throws IOException {
    return Base64.getDecoder()
        .decode(child.ask("whole " + DataProgram.GLOBAL).required("rgb").asText());
  }

  /** The largest difference of two pictures' levels; that of black and white for unequal sizes. */
  static int apart(byte[] ours, byte[] theirs) {
    if (ours.length != theirs.length) {
      return 255;
    }
    int most = 0;
    for (int i = 0; i < ours.length; i++) {
      most = Math.max(most, Math.abs((ours[i] & 0xFF) - (theirs[i] & 0xFF)));
    }
    return most;
  }

  private static LineProcess ours(Path folder) throws IOException {
    return LineProcess.start(
        JavaProgram.command(
            DataProgram.class.getName(),
            WorkerProgram.options(WorkerRole.TRAIN),
            List.of(folder.toString())),
        WorkerProgram.arithmetic(),
        folder.resolve("ours.log"));
  }

  private static LineProcess theirs(Python python, Path folder) throws IOException {
    Map<String, Integer> config =
        Map.of(
            "global", DataProgram.GLOBAL,
            "local", DataProgram.LOCAL,
            "locals", DataProgram.LOCALS);
    return LineProcess.start(
        python.script(
            "reference_data.py",
            folder,
            List.of(folder.toString(), JSON.writeValueAsString(config))),
        Map.of("OMP_NUM_THREADS", "1", "MKL_NUM_THREADS", "1"),
        folder.resolve("theirs.log"));
  }

  private static List<Measurement> rows(Run ours, Optional<Run> theirs) {
    return List.of(
        row("pictures_per_cpu_second", ours, theirs, Turn::cpuSeconds),
        row("pictures_per_second", ours, theirs, Turn::seconds));
  }

  private static Measurement row(
      String metric, Run ours, Optional<Run> theirs, ToDoubleFunction<Turn> seconds) {
    double[] our = ours.perSecond(seconds);
    double value = PairedRatio.median(our);
    double spread = PairedRatio.spread(our);
    if (theirs.isEmpty()) {
      return new Measurement("data", SUBJECT, metric, "1/s", value, spread, 1, "itself");
    }
    double[] their = theirs.get().perSecond(seconds);
    PairedRatio ratio = PairedRatio.of(our, their);
    return new Measurement(
        "data",
        SUBJECT,
        metric,
        "1/s",
        value,
        spread,
        ratio.median(),
        ratio.against(theirs.get().name(), their));
  }
}
