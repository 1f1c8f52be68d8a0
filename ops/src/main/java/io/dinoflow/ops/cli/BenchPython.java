package io.dinoflow.ops.cli;

import io.dinoflow.ops.bench.Python;
import java.util.List;
import java.util.Map;

/** The Python that a bench takes turns with. */
final class BenchPython {
  private BenchPython() {}

  /**
   * One that can import the packages.
   *
   * @param missing what there is not, where there is none
   * @param install what pip has to install then
   */
  static Python with(
      List<String> packages, Map<String, String> environment, String missing, String install) {
    try {
      return Python.with(packages, environment);
    } catch (Python.MissingException e) {
      throw CliFailure.unavailable(
          missing,
          String.valueOf(e.getMessage()),
          "pip install %s; %s names another python".formatted(install, Python.VARIABLE));
    }
  }
}
