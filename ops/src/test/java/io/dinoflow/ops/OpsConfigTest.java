package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpsConfigTest {
  private static final Map<String, String> COMPLETE =
      Map.of(
          "DINOFLOW_HOME",
          "/somewhere",
          OpsConfig.DB_URL,
          "jdbc:postgresql://db:5432/dinoflow",
          OpsConfig.DB_PASSWORD,
          "hush",
          OpsConfig.S3_ENDPOINT,
          "http://s3:9000",
          OpsConfig.S3_ACCESS_KEY,
          "key",
          OpsConfig.S3_SECRET_KEY,
          "secret",
          OpsConfig.TEMPORAL_ADDRESS,
          "temporal:7233",
          OpsConfig.UI_URL,
          "http://ui:8233");

  @Test
  void writesTheVariablesItReads() {
    OpsConfig config = OpsConfig.of(COMPLETE);

    assertThat(OpsConfig.of(config.toEnvironment())).isEqualTo(config);
    assertThat(config.objects().bucket()).isEqualTo("dinoflow");
  }

  @Test
  void reportsEveryProblemAtOnce() {
    Map<String, String> wrong = new HashMap<>(COMPLETE);
    wrong.put(OpsConfig.DB_URL, "mysql://db");
    wrong.put(OpsConfig.S3_ENDPOINT, "not a url");
    wrong.remove(OpsConfig.S3_SECRET_KEY);
    wrong.put(OpsConfig.TEMPORAL_ADDRESS, "temporal");
    wrong.put(OpsConfig.PROFILE_VARIABLE, "prod");

    assertThatThrownBy(() -> OpsConfig.of(wrong))
        .isInstanceOfSatisfying(
            ConfigProblemsException.class,
            e ->
                assertThat(e.problems())
                    .hasSize(5)
                    .anyMatch(p -> p.contains(OpsConfig.DB_URL) && p.contains("mysql://db"))
                    .anyMatch(p -> p.contains(OpsConfig.S3_ENDPOINT))
                    .anyMatch(p -> p.contains(OpsConfig.S3_SECRET_KEY))
                    .anyMatch(p -> p.contains(OpsConfig.TEMPORAL_ADDRESS))
                    .anyMatch(p -> p.contains(OpsConfig.PROFILE_VARIABLE) && p.contains("prod")));
  }

  @Test
  void waitsAsTheProfileSaysAndAsOnOneMachineWhereNoneIsNamed() {
    Map<String, String> production = new HashMap<>(COMPLETE);
    production.put(OpsConfig.PROFILE_VARIABLE, "production");

    assertThat(OpsConfig.of(COMPLETE).profile()).isEqualTo(Profile.EMBEDDED);
    assertThat(OpsConfig.of(production).profile()).isEqualTo(Profile.PRODUCTION);
    assertThat(OpsConfig.of(OpsConfig.of(production).toEnvironment()).profile())
        .isEqualTo(Profile.PRODUCTION);
  }

  @Test
  void neverPrintsASecret() {
    assertThat(OpsConfig.of(COMPLETE).toString()).doesNotContain("secret").doesNotContain("hush");
  }
}
