package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandsTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void wrongUsageIsTwoAndSaysWhereTheHelpIs() {
    assertThat(execute("status", "--nonsense")).isEqualTo(2);
    assertThat(err.toString()).contains("--nonsense").contains("dinoflow status --help");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void everyCommandHasHelpAndAHome() {
    CommandLine root = Commands.commandLine();
    assertThat(root.getSubcommands()).containsKeys("up", "down", "status");
    root.getSubcommands()
        .forEach(
            (name, line) -> {
              assertThat(line.getCommandSpec().usageMessage().description())
                  .as("description of %s", name)
                  .isNotEmpty();
              assertThat(line.getUsageMessage()).as("help of %s", name).contains("--help");
            });
  }

  @Test
  void statusStartsNothing() {
    assertThat(execute("status", "--home", folder.toString())).isEqualTo(75);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFailureIsThreeLinesWithItsCode() {
    ErrorReport report =
        ErrorReport.of("show", new RuntimeException(CliFailure.notFound("no run r", "w", "d")));

    assertThat(report.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(report.lines()).containsExactly("error: no run r", "  why: w", "  do:  d");
  }

  @Test
  void aServiceThatIsDownIsSeventyFive() {
    assertThat(ErrorReport.of("runs", new SQLException("refused", "08001")).code())
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(ErrorReport.of("runs", new RuntimeException(new ConnectException("no"))).code())
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(ErrorReport.of("runs", new SQLException("syntax", "42601")).code())
        .isEqualTo(ExitCode.RUN_FAILED);
  }

  @Test
  void benchDataRefusesWhatItCannotMeasure() {
    assertThat(execute("bench", "data", "--pairs", "0")).isEqualTo(2);
    assertThat(execute("bench", "data", "--against", "perl")).isEqualTo(2);
    assertThat(err.toString()).contains("--pairs").contains("perl");
  }

  private int execute(String... arguments) {
    return Commands.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
