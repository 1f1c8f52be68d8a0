package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.ops.cli.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ListenerTest {
  private static final String TOKEN = "a-token-of-enough-letters";
  @TempDir Path folder;

  @Test
  void listensOnLoopbackWhereNothingIsSaid() {
    Listener page = Listener.page(Map.of());

    assertThat(page.host()).isEqualTo("127.0.0.1");
    assertThat(page.port()).isEqualTo(8080);
    assertThat(page.token()).isEmpty();
    assertThat(Listener.metrics(Map.of()).port()).isZero();
  }

  @Test
  void refusesToBeReachedFromElsewhereWithoutAToken() {
    for (String host : new String[] {"0.0.0.0", "192.168.1.7", "[::]", "gpu-box"}) {
      assertThatThrownBy(() -> Listener.page(Map.of("DINOFLOW_PAGE_ADDRESS", host + ":8080")))
          .isInstanceOf(ConfigProblemsException.class)
          .hasMessageContaining(host)
          .hasMessageContaining("DINOFLOW_TOKEN");
      assertThatThrownBy(() -> Listener.metrics(Map.of("DINOFLOW_METRICS_ADDRESS", host + ":9")))
          .isInstanceOf(ConfigProblemsException.class);
      assertThat(
              Listener.page(
                      Map.of("DINOFLOW_PAGE_ADDRESS", host + ":8080", "DINOFLOW_TOKEN", TOKEN))
                  .host())
          .isEqualTo(host);
    }
  }

  @Test
  void theCommandsThatServeRefuseWithTheWayOut() {
    StringWriter errors = new StringWriter();
    CommandLine line = Commands.commandLine().setErr(new PrintWriter(errors, true));

    int code =
        line.execute("page", "--address", "0.0.0.0:0", "--home", folder.resolve("home").toString());

    assertThat(code).isEqualTo(ExitCode.USAGE.value());
    assertThat(errors.toString())
        .contains("0.0.0.0 can be reached from other machines", "set DINOFLOW_TOKEN");
  }

  @Test
  void takesTheTokenFromAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    Listener page = Listener.page(Map.of("DINOFLOW_TOKEN_FILE", file.toString()));

    assertThat(page.token().orElseThrow().matches(TOKEN)).isTrue();
    assertThatThrownBy(
            () -> Listener.page(Map.of("DINOFLOW_TOKEN_FILE", folder.resolve("none").toString())))
        .isInstanceOf(ConfigProblemsException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void refusesATokenThatCanBeGuessedAndAnAddressThatIsNone() {
    assertThatThrownBy(() -> Listener.page(Map.of("DINOFLOW_TOKEN", "short")))
        .isInstanceOf(ConfigProblemsException.class)
        .hasMessageContaining("16")
        .hasMessageNotContaining("short\"");
    assertThatThrownBy(() -> Listener.page(Map.of("DINOFLOW_PAGE_ADDRESS", "localhost")))
        .isInstanceOf(ConfigProblemsException.class);
    assertThatThrownBy(() -> Listener.page(Map.of("DINOFLOW_PAGE_ADDRESS", "localhost:99999")))
        .isInstanceOf(ConfigProblemsException.class);
  }

  @Test
  void theTokenOpensAndNothingNearItDoes() {
    AccessToken token = AccessToken.of(Map.of("DINOFLOW_TOKEN", TOKEN)).orElseThrow();

    assertThat(token.opens("Bearer " + TOKEN)).isTrue();
    assertThat(token.opens("bearer " + TOKEN)).isTrue();
    assertThat(token.isSession(token.session())).isTrue();
    for (String wrong : new String[] {"", TOKEN, "Basic " + TOKEN, "Bearer ", "Bearer x" + TOKEN}) {
      assertThat(token.opens(wrong)).as(wrong).isFalse();
    }
    assertThat(token.isSession(TOKEN)).isFalse();
    assertThat(token.isSession("")).isFalse();
    assertThat(token.session()).doesNotContain(TOKEN);
    assertThat(token).hasToString("AccessToken[hidden]");
  }

  @Test
  void withoutATokenItAnswersToLoopbackNamesOnly() {
    Listener open = Listener.page(Map.of());
    Listener guarded = Listener.page(Map.of("DINOFLOW_TOKEN", TOKEN));

    assertThat(open.answersTo("127.0.0.1:8080")).isTrue();
    assertThat(open.answersTo("[::1]:8080")).isTrue();
    assertThat(open.answersTo("evil.example")).isFalse();
    assertThat(open.answersTo("")).isFalse();
    assertThat(guarded.answersTo("gpu-box.example:8080")).isTrue();
  }
}
