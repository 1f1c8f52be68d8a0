package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.Checkup;
import io.dinoflow.ops.embedded.Stack;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;

/** Checks the machine and, where they run, the services; starts nothing. */
@CommandLine.Command(
    name = "doctor",
    description = "Check this machine and the services of this home; starts nothing.")
final class DoctorCommand extends Command {
  @Override
  protected ExitCode run() throws Exception {
    List<Checkup.Finding> findings = new ArrayList<>(new Checkup(home(), environment()).machine());
    Stack stack = Stack.of(home(), environment());
    Optional<OpsConfig> running = stack.running();
    if (running.isPresent()) {
      try (Services services = Services.open(running.get())) {
        findings.addAll(Checkup.services(services));
      }
    } else {
      findings.add(
          new Checkup.Finding(
              "services", Checkup.Verdict.NOTE, "not running", "`dinoflow up` starts them"));
    }
    Printer printer = printer();
    if (asJson()) {
      printer.jsonLines(findings);
    } else {
      findings.forEach(finding -> printer.line(words(finding)));
    }
    return findings.stream().anyMatch(f -> f.verdict() == Checkup.Verdict.BAD)
        ? ExitCode.UNAVAILABLE
        : ExitCode.OK;
  }

  private static String words(Checkup.Finding finding) {
    return "%-5s %-12s %s%s"
        .formatted(
            finding.verdict().name().toLowerCase(Locale.ROOT),
            finding.subject(),
            finding.what(),
            finding.remedy().isEmpty() ? "" : "  (" + finding.remedy() + ")");
  }
}
