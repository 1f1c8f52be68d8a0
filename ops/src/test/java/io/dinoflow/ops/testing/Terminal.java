package io.dinoflow.ops.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.cli.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line in this process, on a home. */
public record Terminal(Path home) {

  /** What a command printed. */
  public record Said(String out, String err) {}

  /** Runs a command that must end with this code. */
  public Said run(int code, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--home", home.toString()));
    int ended =
        Commands.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    assertThat(ended).as("%s %s%s", all, out, err).isEqualTo(code);
    return new Said(out.toString(), err.toString());
  }

  /** Its result; of one that fails its complaints too. */
  public String dinoflow(int code, String... arguments) {
    Said said = run(code, arguments);
    return code == 0 ? said.out() : said.out() + said.err();
  }
}
