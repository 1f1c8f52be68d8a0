package io.dinoflow.ops.bench;

import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.embedded.JavaProgram;
import io.dinoflow.ops.embedded.WorkerProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a checkpoint costs training, and how fast its files are written and read: the product's own
 * trainer in a process like a worker's, and in turns with it, where that is wanted, Python's
 * safetensors with the same tensors. Files lie in a local folder; beside it, where one is given, in
 * an object store.
 *
 * @param turns measured
 * @param steps of one window of training; a checkpoint is made beside one of two windows
 * @param depth blocks of the ViT-S that is trained: 12 make a state of about 350 MB
 * @param threads that compute
 */
public record StateBench(int turns, int steps, int depth, int threads) {
  public static final int DEPTH = 12;

  /** How long the loop may stop. */
  static final double COPIES_MAX = 2;

  /** Steps from one checkpoint to the next that the delay is held against. */
  static final int INTERVAL_STEPS = 100;

  static final double DELAY_PER_CENT_MAX = 2;

  private static final int WARM_UP = 2;
  private static final double MS = 1e3;

  /** The loop's stop, the delay of training, and writing. */
  public List<Measurement> checkpoint(
      Optional<Python> python,
      Optional<OpsConfig.ObjectStorage> store,
      Path folder,
      Consumer<String> progress)
      throws IOException {
    try (LineProcess ours = ours(folder, store)) {
      String state = state(ours);
      List<Measurement> rows = new ArrayList<>();
      rows.add(stop(ours, state));
      progress.accept("the loop's stop is measured; now writing");
      rows.addAll(files(ours, python, folder, "checkpoint", state, "write", "save_file and fsync"));
      if (store.isPresent()) {
        rows.add(
            through(
                ours,
                "checkpoint",
                state,
                new Store("upload", "write", "upload_ms"),
                "a local file and its hash"));
      }
      progress.accept("writing is measured; now training with and without a checkpoint");
      rows.add(delay(ours, state, progress));
      return List.copyOf(rows);
    }
  }

  /** Reading. */
  public List<Measurement> restore(
      Optional<Python> python, Optional<OpsConfig.ObjectStorage> store, Path folder)
      throws IOException {
    try (LineProcess ours = ours(folder, store)) {
      String state = state(ours);
      List<Measurement> rows =
          new ArrayList<>(
              files(ours, python, folder, "restore", state, "read", "load_file and a copy"));
      if (store.isPresent()) {
        seconds(ours, "upload");
        rows.add(
            through(
                ours,
                "restore",
                state,
                new Store("download", "read", "download_and_hash_ms"),
                "a local file"));
      }
      return List.copyOf(rows);
    }
  }

  /** One way through the store, in turns with the local files. */
  private Measurement through(
      LineProcess ours, String bench, String state, Store store, String against)
      throws IOException {
    double[] remote = new double[turns];
    double[] local = new double[turns];
    for (int i = -WARM_UP; i < turns; i++) {
      double own = seconds(ours, store.local());
      double other = seconds(ours, store.command());
      if (i >= 0) {
        local[i] = own * MS;
        remote[i] = other * MS;
      }
    }
    return row(bench, state, store.metric(), remote, against, local);
  }

  /** What goes through an object store, and the command that does the same with local files. */
  private record Store(String command, String local, String metric) {}

  private LineProcess ours(Path folder, Optional<OpsConfig.ObjectStorage> store)
      throws IOException {
    Files.createDirectories(folder);
    Map<String, String> variables = new HashMap<>(WorkerProgram.arithmetic());
    store.ifPresent(
        where -> {
          variables.put(OpsConfig.S3_ENDPOINT, where.endpoint().toString());
          variables.put(OpsConfig.S3_BUCKET, where.bucket());
          variables.put(OpsConfig.S3_ACCESS_KEY, where.accessKey());
          variables.put(OpsConfig.S3_SECRET_KEY, where.secretKey());
        });
    return LineProcess.start(
        JavaProgram.command(
            StateProgram.class.getName(),
            WorkerProgram.options(WorkerRole.TRAIN),
            List.of(folder.toString(), Integer.toString(depth), Integer.toString(threads))),
        variables,
        folder.resolve("ours.log"));
  }

  private static String state(LineProcess ours) throws IOException {
    return "%.0f MB state".formatted(ours.ask("size").required("bytes").asDouble() / 1e6);
  }

  private static double seconds(LineProcess process, String command) throws IOException {
    return process.ask(command).required("seconds").asDouble();
  }

  private Measurement stop(LineProcess ours, String state) throws IOException {
    double[] stops = new double[turns];
    double[] copies = new double[turns];
    for (int i = -WARM_UP; i < turns; i++) {
      double copy = seconds(ours, "copy");
      double twice = seconds(ours, "memory");
      if (i >= 0) {
        stops[i] = copy * MS;
        copies[i] = twice * MS;
      }
    }
    return row(
        "checkpoint", state, "stop_ms", stops, "%.0f memory copies".formatted(COPIES_MAX), copies);
  }

  /** Someone who does what a word says and tells how long it took. */
  @FunctionalInterface
  private interface Worker {
    double seconds(String command) throws IOException;
  }

  /** Milliseconds of one command by turns, and of hashing as many bytes in memory. */
  private record Turns(double[] ours, double[] hash, double[] theirs) {}

  private List<Measurement> files(
      LineProcess ours,
      Optional<Python> python,
      Path folder,
      String bench,
      String state,
      String command,
      String theirWork)
      throws IOException {
    if (python.isEmpty()) {
      return rows(bench, state, command, turns(ours, command, ignored -> 0), "");
    }
    try (LineProcess theirs = theirs(python.get(), folder)) {
      Turns turns = turns(ours, command, asked -> seconds(theirs, asked));
      return rows(bench, state, command, turns, theirs.name() + ", " + theirWork);
    }
  }

  private Turns turns(LineProcess ours, String command, Worker theirs) throws IOException {
    Turns made = new Turns(new double[turns], new double[turns], new double[turns]);
    for (int i = -WARM_UP; i < turns; i++) {
      boolean weBegin = i % 2 == 0;
      double before = weBegin ? 0 : theirs.seconds(command);
      double own = seconds(ours, command);
      double their = weBegin ? theirs.seconds(command) : before;
      double hash = seconds(ours, "hash");
      if (i >= 0) {
        made.ours()[i] = own * MS;
        made.theirs()[i] = their * MS;
        made.hash()[i] = hash * MS;
      }
    }
    return made;
  }

  /** Writing hashes as it goes; reading does not: files were verified when they were fetched. */
  private static List<Measurement> rows(
      String bench, String state, String command, Turns turns, String against) {
    boolean hashes = command.equals("write");
    double[] with = hashes ? turns.ours() : sum(turns.ours(), turns.hash(), 1);
    double[] without = hashes ? sum(turns.ours(), turns.hash(), -1) : turns.ours();
    return List.of(
        row(bench, state, command + "_ms", without, against, turns.theirs()),
        row(bench, state, command + "_and_hash_ms", with, against, turns.theirs()),
        row(bench, state, "hash_ms", turns.hash(), "all of it:", with));
  }

  private static double[] sum(double[] a, double[] b, int sign) {
    double[] sum = a.clone();
    Arrays.setAll(sum, i -> a[i] + sign * b[i]);
    return sum;
  }

  private static LineProcess theirs(Python python, Path folder) throws IOException {
    return LineProcess.start(
        python.script(
            "reference_state.py",
            folder,
            List.of(
                folder.resolve(StateProgram.STATE).toString(),
                folder.resolve("theirs").toString())),
        Map.of(),
        folder.resolve("theirs.log"));
  }

  /** The medians of windows with a checkpoint less the one before or after without. */
  private Measurement delay(LineProcess ours, String state, Consumer<String> progress)
      throws IOException {
    seconds(ours, "beside " + steps);
    double[] delays = new double[turns];
    double[] step = new double[turns];
    for (int i = 0; i < turns; i++) {
      boolean first = i % 2 == 0;
      double before = first ? 0 : seconds(ours, "steps " + steps);
      double with = seconds(ours, "beside " + steps);
      double without = first ? seconds(ours, "steps " + steps) : before;
      step[i] = without / steps;
      delays[i] = 100 * (with - without) / (step[i] * INTERVAL_STEPS);
      progress.accept(
          String.format(
              Locale.ROOT,
              "pair %d of %d: %.2f s with, %.2f s without",
              i + 1,
              turns,
              with,
              without));
    }
    return new Measurement(
        "checkpoint",
        state,
        "delay_per_cent",
        "%",
        PairedRatio.median(delays),
        PairedRatio.spread(delays),
        PairedRatio.median(delays) / DELAY_PER_CENT_MAX,
        String.format(
            Locale.ROOT,
            "%.0f %% of %d steps of %.2f s",
            DELAY_PER_CENT_MAX,
            INTERVAL_STEPS,
            PairedRatio.median(step)));
  }

  /** Nothing to hold it against where {@code against} is empty. */
  private static Measurement row(
      String bench, String state, String metric, double[] ours, String against, double[] theirs) {
    double value = PairedRatio.median(ours);
    double spread = PairedRatio.spread(ours);
    if (against.isEmpty()) {
      return new Measurement(bench, state, metric, "ms", value, spread, 1, "itself");
    }
    PairedRatio ratio = PairedRatio.of(ours, theirs);
    return new Measurement(
        bench,
        state,
        metric,
        "ms",
        value,
        spread,
        ratio.median(),
        String.format(
            Locale.ROOT,
            "%s %.0f; 95 %% of %d pairs %.2f to %.2f",
            against,
            PairedRatio.median(theirs),
            ratio.pairs(),
            ratio.low(),
            ratio.high()));
  }
}
