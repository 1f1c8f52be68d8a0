package io.dinoflow.model.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The NVIDIA GPUs that a process sees, and whether its libtorch can compute on them. Told from
 * files, without native code: a process that computes nothing has to say what {@code auto} means.
 *
 * @param cards their names, such as {@code NVIDIA H200}; {@code GPU} where the driver tells none
 */
public record Accelerators(NativeLibrary library, List<String> cards) {
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";
  private static final String NAMELESS = "GPU";
  private static final Pattern DEVICE = Pattern.compile("nvidia\\d+");
  private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+?)\\s*$");
  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,4})");
  private static final String PAGE = "ops/docs/operations.md, Accelerators";

  public Accelerators {
    cards = List.copyOf(cards);
  }

  /**
   * Those of this process.
   *
   * @throws IllegalStateException it is told to compute with a libtorch that is not there
   */
  public static Accelerators here() {
    return new Accelerators(NativeLibrary.here(), cards(System.getenv()));
  }

  /** Those that a process of such an environment sees on this machine. */
  public static List<String> cards(Map<String, String> environment) {
    return cards(
        Path.of("/dev"),
        Path.of("/proc/driver/nvidia/gpus"),
        Optional.ofNullable(environment.get(VISIBLE)));
  }

  /**
   * @param devices folder with a file for each card
   * @param driver folder with a folder for each card, where the driver has one
   * @param visible what the process's environment lets CUDA see; empty hides all
   */
  static List<String> cards(Path devices, Path driver, Optional<String> visible) {
    if (visible.filter(v -> v.isBlank() || v.strip().startsWith("-")).isPresent()) {
      return List.of();
    }
    long count = entries(devices).stream().filter(f -> DEVICE.matcher(name(f)).matches()).count();
    List<String> names = new ArrayList<>();
    for (Path card : entries(driver)) {
      names.add(model(card.resolve("information")));
    }
    while (names.size() < count) {
      names.add(NAMELESS);
    }
    // a container may see the driver's facts of cards that it was not given
    return names.subList(0, (int) count);
  }

  /** To be called before the engine loads libtorch. */
  void chooseNatives() {
    library.choose(usable() ? NativeLibrary.Flavor.CUDA : NativeLibrary.Flavor.PROCESSOR);
  }

  /** Whether {@code auto} takes a GPU. */
  public boolean usable() {
    return library.cuda() && !cards.isEmpty();
  }

  /**
   * What a recipe's {@code compute.device} means here. Whether the engine really computes on a GPU
   * shows when a thread is prepared for it.
   *
   * @throws IllegalArgumentException there is no such device, or libtorch cannot use it
   */
  public ComputeDevice device(String wanted) {
    if (wanted.equals("cpu") || wanted.equals("auto") && !usable()) {
      return ComputeDevice.CPU;
    }
    int index = wanted.equals("auto") ? 0 : index(wanted);
    if (!library.cuda()) {
      throw new IllegalArgumentException(
          "compute.device is %s, but there is only %s: name one with CUDA by %s (%s), or take auto or cpu"
              .formatted(wanted, library.words(), NativeLibrary.FOLDER, PAGE));
    }
    if (!cards.isEmpty() && index >= cards.size()) {
      throw new IllegalArgumentException(
          "compute.device is %s, but the GPUs here end at cuda:%d (%s): take one of them, auto or cpu"
              .formatted(wanted, cards.size() - 1, String.join(", ", cards)));
    }
    return ComputeDevice.cuda(index);
  }

  /**
   * The kind of device that such a recipe computes on here, as lineage records it: results of two
   * kinds are not comparable bit by bit.
   *
   * @return {@code cpu}, or such as {@code cuda:NVIDIA H200}; {@code cuda} where no card is seen
   */
  public String recorded(String wanted) {
    boolean gpu = wanted.startsWith("cuda") || wanted.equals("auto") && usable();
    if (!gpu) {
      return "cpu";
    }
    List<String> models = cards.stream().distinct().sorted().toList();
    return models.isEmpty() ? "cuda" : "cuda:" + String.join(" or ", models);
  }

  private static int index(String wanted) {
    Matcher index = CUDA.matcher(wanted);
    if (!index.matches()) {
      throw new IllegalArgumentException(
          "compute.device is \"%s\", must be auto, cpu or cuda:N".formatted(wanted));
    }
    return Integer.parseInt(index.group(1));
  }

  private static String model(Path information) {
    if (!Files.isReadable(information)) {
      return NAMELESS;
    }
    try {
      Matcher model = MODEL.matcher(Files.readString(information));
      return model.find() ? model.group(1) : NAMELESS;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + information, e);
    }
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
