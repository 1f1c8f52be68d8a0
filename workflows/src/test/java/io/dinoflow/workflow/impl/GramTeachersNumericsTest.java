package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The steps after which official recipes take a new Gram teacher. */
class GramTeachersNumericsTest {

  @TestFactory
  List<DynamicTest> refreshesComeAfterTheOfficialIterations() throws IOException {
    Path file =
        Path.of(System.getProperty("dinoflow.root", ".."))
            .resolve(System.getProperty("golden.dir", "../shared/golden"))
            .resolve("schedules.json");
    assumeTrue(
        Files.isDirectory(file.getParent()),
        "the folder of goldens is absent: " + file.getParent());
    List<DynamicTest> tests = new ArrayList<>();
    new ObjectMapper()
        .readTree(file.toFile())
        .get("values")
        .properties()
        .forEach(
            e -> {
              if (e.getValue().has("gram_update_iterations")) {
                tests.add(DynamicTest.dynamicTest(e.getKey(), () -> compare(e.getValue())));
              }
            });
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void compare(JsonNode recipe) {
    JsonNode gram = recipe.get("config").get("gram");
    boolean refreshed = gram.get("use_loss").asBoolean() && gram.get("rep_update").asBoolean();
    long every = refreshed ? gram.get("update_frequency").asLong() : 0;
    long first = refreshed ? gram.get("it_first_update").asLong() - every : 0;
    GramTeachers teachers =
        new GramTeachers(
            Optional.of(new GramPlan("pretrain", every, gram.get("max_updates").asInt())),
            first,
            recipe.get("total_iterations").asLong(),
            List.of(checkpoint(first)));
    JsonNode probes = recipe.get("probes");
    JsonNode official = recipe.get("series").get("gram_update_after");
    List<Long> probed = new ArrayList<>();
    for (int i = 0; i < probes.size(); i++) {
      long after = probes.get(i).asLong() + 1;
      boolean refreshes = teachers.reached(checkpoint(after)).isPresent();
      assertThat(refreshes)
          .as("after iteration " + probes.get(i))
          .isEqualTo(official.get(i).asBoolean());
      if (refreshes) {
        probed.add(probes.get(i).asLong());
      }
    }
    List<Long> updates = new ArrayList<>();
    recipe.get("gram_update_iterations").forEach(i -> updates.add(i.asLong()));
    assertThat(probed).isEqualTo(updates);
  }

  private static CheckpointRef checkpoint(long step) {
    return FakeHouse.ref(TrackId.of(new RunId("run"), "gram"), step);
  }
}
