package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckupTest {
  @TempDir Path folder;

  @Test
  void saysWhatToDoWhereverSomethingIsNotAsItShouldBe() throws Exception {
    // nothing on PATH, a cache without programs, a page that anybody could reach
    List<Checkup.Finding> findings =
        findings(
            Map.of(
                "PATH",
                folder.toString(),
                "XDG_CACHE_HOME",
                folder.resolve("cache").toString(),
                "DINOFLOW_PAGE_ADDRESS",
                "0.0.0.0:8080"));

    assertThat(findings)
        .extracting(Checkup.Finding::subject)
        .contains("java", "home", "temporal", "libtorch", "memory", "page access", "npm");
    assertThat(findings)
        .filteredOn(finding -> finding.verdict() != Checkup.Verdict.OK)
        .hasSizeGreaterThan(2)
        .allSatisfy(finding -> assertThat(finding.remedy()).as(finding.subject()).isNotBlank());
    assertThat(findings)
        .filteredOn(finding -> finding.subject().equals("page access"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Checkup.Verdict.BAD);
              assertThat(finding.remedy()).contains("DINOFLOW_TOKEN");
            });
  }

  @Test
  void saysWhichLibraryComputesAndWhere() throws Exception {
    Map<String, Checkup.Finding> here = bySubject(Map.of("CUDA_VISIBLE_DEVICES", ""));

    assertThat(here.get("libtorch").what())
        .matches("libtorch [0-9.]+ for the processor, among the jars");
    assertThat(here.get("device").what()).isEqualTo("`device: auto` is cpu; no NVIDIA GPU is seen");
  }

  @Test
  void aLibraryThatIsNotWhereItIsSaidToBeIsBad() throws Exception {
    Checkup.Finding library =
        bySubject(Map.of("PYTORCH_LIBRARY_PATH", folder.toString())).get("libtorch");

    assertThat(library.verdict()).isEqualTo(Checkup.Verdict.BAD);
    assertThat(library.what()).startsWith("PYTORCH_LIBRARY_PATH is " + folder);
    assertThat(library.remedy()).contains("PYTORCH_LIBRARY_PATH");
  }

  private Map<String, Checkup.Finding> bySubject(Map<String, String> environment) throws Exception {
    Map<String, Checkup.Finding> findings = new HashMap<>();
    findings(environment).forEach(finding -> findings.put(finding.subject(), finding));
    return findings;
  }

  @Test
  void findsNothingWrongWithAPageThatHasAToken() throws Exception {
    assertThat(
            findings(
                Map.of(
                    "DINOFLOW_PAGE_ADDRESS",
                    "0.0.0.0:8080",
                    "DINOFLOW_TOKEN",
                    "a-token-of-enough-letters")))
        .filteredOn(finding -> finding.subject().equals("page access"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Checkup.Verdict.OK);
              assertThat(finding.what()).doesNotContain("enough-letters");
            });
  }

  @Test
  void saysOfEveryServiceThatIsDownWhatToDo() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    Map<String, String> variables = new HashMap<>();
    variables.put("DINOFLOW_HOME", folder.toString());
    variables.put("DINOFLOW_DB_URL", "jdbc:postgresql://127.0.0.1:" + closed + "/x");
    variables.put("DINOFLOW_S3_ENDPOINT", "http://127.0.0.1:" + closed);
    variables.put("DINOFLOW_S3_ACCESS_KEY", "a");
    variables.put("DINOFLOW_S3_SECRET_KEY", "b");
    variables.put("TEMPORAL_ADDRESS", "127.0.0.1:" + closed);
    variables.put("DINOFLOW_PAGE_URL", "http://127.0.0.1:" + closed);
    try (Services services = Services.open(OpsConfig.of(variables))) {
      assertThat(Checkup.services(services))
          .hasSize(4)
          .allSatisfy(
              finding -> {
                assertThat(finding.verdict()).as(finding.subject()).isEqualTo(Checkup.Verdict.BAD);
                assertThat(finding.remedy()).isNotBlank();
              });
    }
  }

  private List<Checkup.Finding> findings(Map<String, String> environment) throws Exception {
    return new Checkup(new Home(folder.resolve("home")), environment).machine();
  }
}
