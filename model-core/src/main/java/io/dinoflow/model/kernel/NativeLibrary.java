package io.dinoflow.model.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The libtorch that a process computes with: the one among the jars, which is for the processor, or
 * that of a folder which {@value #FOLDER} names. Known without loading native code.
 *
 * @param folder where it lies, unless among the jars
 * @param version such as {@code 2.7.1+cu126}
 * @param cuda whether it can compute on NVIDIA GPUs
 */
public record NativeLibrary(Optional<Path> folder, String version, boolean cuda) {
  /** Environment variable, or system property, of DJL. */
  public static final String FOLDER = "PYTORCH_LIBRARY_PATH";

  private static final String FLAVOR = "PYTORCH_FLAVOR";

  private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+(\\+\\w+)?");

  /**
   * That of this process.
   *
   * @throws IllegalStateException the folder holds none, or one of another version
   */
  public static NativeLibrary here() {
    return of(NativeLibrary::setting);
  }

  /**
   * @param settings of a process by their names; null or empty where one is not set
   */
  public static NativeLibrary of(Function<String, String> settings) {
    String wanted = wantedVersion();
    String given = settings.apply(FOLDER);
    if (given == null || given.isBlank()) {
      return new NativeLibrary(Optional.empty(), wanted, false);
    }
    Path folder = Path.of(given);
    if (!Files.isRegularFile(folder.resolve(System.mapLibraryName("torch")))) {
      throw refused(given, "that folder holds no " + System.mapLibraryName("torch"), wanted);
    }
    String version = version(folder).orElse(wanted);
    if (!version.equals(wanted) && !version.startsWith(wanted + "+")) {
      throw refused(given, "the libtorch there is " + version, wanted);
    }
    boolean cuda = Files.exists(folder.resolve(System.mapLibraryName("torch_cuda")));
    return new NativeLibrary(Optional.of(folder.toAbsolutePath()), version, cuda);
  }

  /** In words, for whoever asks what computes here. */
  public String words() {
    return "libtorch %s for %s, %s"
        .formatted(
            version,
            cuda ? "CUDA" : "the processor",
            folder.map(Path::toString).orElse("among the jars"));
  }

  /**
   * To be called before the engine loads it: what DJL asks beside the folder. Its library for CUDA
   * needs the driver's, which a machine without a GPU lacks; there the other one computes with the
   * same libtorch on the processor.
   */
  void choose(Flavor flavor) {
    if (folder.isPresent() && setting(FLAVOR).isBlank()) {
      System.setProperty(FLAVOR, flavor.word);
    }
  }

  /** DJL's own library beside libtorch: its jar has one of each. */
  enum Flavor {
    PROCESSOR("cpu"),
    CUDA("cu128");

    private final String word;

    Flavor(String word) {
      this.word = word;
    }
  }

  private static String setting(String name) {
    return Optional.ofNullable(System.getenv(name)).orElse(System.getProperty(name, ""));
  }

  /** Without the right version natives do not fit: unknown symbols at best. */
  private static IllegalStateException refused(String given, String found, String wanted) {
    return new IllegalStateException(
        "%s is %s, but %s: name the lib folder of torch %s, or unset it for the one among the jars"
            .formatted(FOLDER, given, found, wanted));
  }

  /** As a Python wheel or an archive of libtorch says it beside its libraries. */
  private static Optional<String> version(Path folder) {
    for (String name : new String[] {"version.py", "build-version"}) {
      Path file = folder.resolveSibling(name);
      if (Files.isRegularFile(file)) {
        try {
          Matcher version = VERSION.matcher(Files.readString(file));
          if (version.find()) {
            return Optional.of(version.group());
          }
        } catch (IOException e) {
          throw new UncheckedIOException("cannot read " + file, e);
        }
      }
    }
    return Optional.empty();
  }

  /** The version that DJL's own library among the jars was built for. */
  private static String wantedVersion() {
    Properties facts = new Properties();
    try (InputStream in = NativeLibrary.class.getResourceAsStream("/jnilib/pytorch.properties")) {
      if (in == null) {
        throw new IllegalStateException("jnilib/pytorch.properties is missing from the jars");
      }
      facts.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read jnilib/pytorch.properties", e);
    }
    return facts.getProperty("jni_version", "").replaceFirst("-.*", "");
  }
}
