package io.dinoflow.ops.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Python that has the packages a reference needs: {@code DINOFLOW_PYTHON}, else from PATH. */
public final class Python {
  public static final String VARIABLE = "DINOFLOW_PYTHON";

  private final String program;

  private Python(String program) {
    this.program = program;
  }

  /** No Python here has the packages. */
  public static final class MissingException extends Exception {
    private static final long serialVersionUID = 1L;

    MissingException(String message) {
      super(message);
    }
  }

  /**
   * @throws MissingException says which were tried
   */
  public static Python with(List<String> packages, Map<String, String> environment)
      throws MissingException {
    String named = environment.getOrDefault(VARIABLE, "");
    List<String> candidates = named.isBlank() ? List.of("python3", "python") : List.of(named);
    for (String candidate : candidates) {
      if (imports(candidate, packages)) {
        return new Python(candidate);
      }
    }
    throw new MissingException(
        "%s cannot import %s"
            .formatted(String.join(" or ", candidates), String.join(", ", packages)));
  }

  private static boolean imports(String program, List<String> packages) {
    try {
      Process process =
          new ProcessBuilder(program, "-c", "import " + String.join(", ", packages))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * The command that runs a script of ours.
   *
   * @param folder where the script is written to
   */
  List<String> script(String name, Path folder, List<String> arguments) throws IOException {
    Path script = folder.resolve(name);
    try (InputStream in = Python.class.getResourceAsStream("/bench/" + name)) {
      if (in == null) {
        throw new IllegalStateException("/bench/" + name + " is missing from the jar");
      }
      Files.writeString(script, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    List<String> command = new ArrayList<>(List.of(program, script.toString()));
    command.addAll(arguments);
    return List.copyOf(command);
  }
}
