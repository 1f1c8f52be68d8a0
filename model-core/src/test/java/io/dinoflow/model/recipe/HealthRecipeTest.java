package io.dinoflow.model.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.recipe.HealthRecipe.Range;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HealthRecipeTest {

  @Test
  void stepsTrainOnEveryBatchThatIsNotSkippedInOrder() {
    HealthRecipe health = skipping(new Range(3, 5), new Range(6, 8));
    assertThat(LongStream.range(0, 6).map(health::batchOf).toArray())
        .containsExactly(0, 1, 2, 5, 8, 9);
  }

  @Test
  void skippingFromAStepLeavesEarlierStepsAsTheyWere() {
    HealthRecipe health = skipping(new Range(3, 5));
    List<Range> more = health.skippedFrom(6, 10);
    assertThat(more).containsExactly(new Range(3, 5), new Range(8, 18));
    HealthRecipe after = skipping(more.toArray(Range[]::new));
    assertThat(LongStream.range(0, 7).map(after::batchOf).toArray())
        .containsExactly(0, 1, 2, 5, 6, 7, 18);
  }

  @Test
  void aStepThatFailsAgainSkipsFurther() {
    HealthRecipe health = skipping(new Range(3, 5));
    assertThat(health.skippedFrom(3, 4)).containsExactly(new Range(3, 9));
  }

  @Test
  void anEarlierFailureTakesInWhatWasSkippedBehindIt() {
    HealthRecipe health = skipping(new Range(10, 20), new Range(30, 35));
    assertThat(health.skippedFrom(8, 5)).containsExactly(new Range(8, 20), new Range(30, 35));
  }

  @Test
  void rangesThatOverlapAreRefused() {
    assertThatThrownBy(() -> skipping(new Range(3, 5), new Range(4, 8)))
        .hasMessageContaining("must ascend without overlap");
    assertThatThrownBy(() -> new Range(5, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  private static HealthRecipe skipping(Range... ranges) {
    return new HealthRecipe(0, 0, 1, 3, new Remedy.Ask(), List.of(ranges));
  }
}
