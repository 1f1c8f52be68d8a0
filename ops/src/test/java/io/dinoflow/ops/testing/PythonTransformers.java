package io.dinoflow.ops.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A Python with torch and transformers: DINOFLOW_PYTHON, else python3 on PATH. */
public final class PythonTransformers {
  private static final int MINUTES_MAX = 5;

  private final String program;

  private PythonTransformers(String program) {
    this.program = program;
  }

  /** Skips the test by name, with the way to get it, where there is none. */
  public static PythonTransformers orSkip() throws Exception {
    String program = System.getenv().getOrDefault("DINOFLOW_PYTHON", "python3");
    boolean there;
    try {
      there =
          new ProcessBuilder(program, "-c", "import torch, safetensors.torch, transformers")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException absent) {
      there = false;
    }
    assumeTrue(
        there,
        "%s has no torch, safetensors and transformers: `pip install torch transformers`, or set DINOFLOW_PYTHON"
            .formatted(program));
    return new PythonTransformers(program);
  }

  /** Runs a script in a folder; its standard output. */
  public String run(String script, Path folder, String... arguments) throws Exception {
    Path file = Files.writeString(folder.resolve("script.py"), script);
    Path errors = folder.resolve("script.err");
    List<String> command = new ArrayList<>(List.of(program, file.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("HF_HUB_OFFLINE", "1");
    builder.environment().put("TRANSFORMERS_VERBOSITY", "error");
    Process process = builder.redirectError(errors.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(
          String.format(Locale.ROOT, "%s failed:%n%s%n%s", command, out, Files.readString(errors)));
    }
    return out;
  }
}
