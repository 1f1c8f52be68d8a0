package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Scrub;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.LineageStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Reads back every byte of a checkpoint, dataset or report. */
@CommandLine.Command(
    name = "verify",
    description = {
      "Read every file of a checkpoint (or dataset, or evaluation) back and compare it with its"
          + " digest.",
      "Exit code 1 where a file is damaged; it is marked, so that nothing builds on it."
    })
final class VerifyCommand extends Command {
  @Parameters(
      index = "0",
      paramLabel = "REF",
      description =
          "The first 8 digits or more of an id; RUN/STAGE or RUN/STAGE/STUDENT (its newest"
              + " checkpoint or its result); or a dataset's name.")
  private String reference = "";

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      LineageStore lineage = services.lineage();
      Sha256 id = References.artifact(lineage, reference);
      ArtifactRow row = References.row(lineage, id);
      List<Scrub.Finding> findings = services.scrub().verify(id, file -> {});
      boolean damaged = findings.stream().anyMatch(finding -> finding.wrong().isPresent());
      if (asJson()) {
        printer().json(json(row, findings));
      } else {
        lines(row, findings).forEach(printer()::line);
      }
      return damaged ? ExitCode.RUN_FAILED : ExitCode.OK;
    }
  }

  static List<String> lines(ArtifactRow row, List<Scrub.Finding> findings) {
    Table table = new Table().left("FILE").right("SIZE").left("DIGEST").left("");
    long bytes = 0;
    long damaged = 0;
    for (Scrub.Finding finding : findings) {
      table.row(
          finding.file().name(),
          Quantities.bytes(finding.file().bytes()),
          finding.file().sha256().shortForm(),
          finding.wrong().map(wrong -> "DAMAGED: " + wrong).orElse("ok"));
      bytes += finding.file().bytes();
      damaged += finding.wrong().isPresent() ? 1 : 0;
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add(
        " %s %s: %s"
            .formatted(
                row.name(),
                row.ref().id().shortForm(),
                damaged == 0
                    ? "all %d files, %s, are what was committed"
                        .formatted(findings.size(), Quantities.bytes(bytes))
                    : "%d of %d files are damaged".formatted(damaged, findings.size())));
    return lines;
  }

  static Map<String, Object> json(ArtifactRow row, List<Scrub.Finding> findings) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", row.ref().id().hex());
    facts.put("kind", row.ref().kind().name());
    facts.put("name", row.name());
    facts.put("damaged", findings.stream().filter(f -> f.wrong().isPresent()).count());
    facts.put("files", findings.stream().map(VerifyCommand::json).toList());
    return facts;
  }

  private static Map<String, Object> json(Scrub.Finding finding) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", finding.file().name());
    facts.put("bytes", finding.file().bytes());
    facts.put("sha256", finding.file().sha256().hex());
    facts.put("wrong", finding.wrong());
    return facts;
  }
}
