package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.recipe.StageRecipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PopulationTest {
  private static StageRecipe.Evaluate recipe(int samplesMax) {
    return new StageRecipe.Evaluate(
        "evaluate", List.of("pretrain"), "", 32, 5, List.of(10), 0, samplesMax);
  }

  private static List<Sample> source() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String label = i % 3 == 0 ? "" : "class " + i % 3;
      samples.add(EvalSamples.of("base " + i, label, "group " + i, false));
      samples.add(EvalSamples.of("variant " + i, label, "group " + i, true));
    }
    return samples;
  }

  @Test
  void variantsAreNeverMeasured() {
    Population population = Population.of(source(), recipe(1000), 1);
    assertThat(population.samples()).hasSize(60).noneMatch(Sample::variant);
  }

  @Test
  void onlyPicturesWithALabelAreClassified() {
    Population.Labelled labelled =
        Population.of(source(), recipe(1000), 1).labelled().orElseThrow();
    assertThat(labelled.rows()).hasSize(40);
    assertThat(labelled.classes()).containsExactly("class 1", "class 2");
    assertThat(labelled.labels()[0]).isZero();
  }

  @Test
  void ofALargeSourceASeededDrawIsTaken() {
    List<Sample> drawn = Population.of(source(), recipe(20), 1).samples();
    assertThat(drawn)
        .hasSize(20)
        .isEqualTo(Population.of(source(), recipe(20), 1).samples())
        .isNotEqualTo(Population.of(source(), recipe(20), 2).samples());
    List<Sample> inOrder = source().stream().filter(drawn::contains).toList();
    assertThat(drawn).isEqualTo(inOrder);
  }

  @Test
  void picturesWithoutLabelsAreNotClassified() {
    List<Sample> plain =
        source().stream().map(s -> EvalSamples.of(s.key(), "", s.group(), false)).toList();
    assertThat(Population.of(plain, recipe(1000), 1).labelled()).isEmpty();
  }

  @Test
  void picturesOfUnknownGroupAreGroupsOfTheirOwn() {
    List<Sample> ungrouped =
        source().stream().map(s -> EvalSamples.of(s.key(), s.label(), "", false)).toList();
    Population.Labelled labelled =
        Population.of(ungrouped, recipe(1000), 1).labelled().orElseThrow();
    assertThat(labelled.groups()).doesNotHaveDuplicates();
    assertThat(labelled.folds().count()).isEqualTo(5);
  }
}
