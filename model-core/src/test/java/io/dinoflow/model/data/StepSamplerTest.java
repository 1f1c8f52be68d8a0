package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepSamplerTest {

  @Test
  void anEpochHoldsEverySampleOnceAndTheNextHasAnotherOrder() {
    StepSampler sampler = new StepSampler(3, 10, 4);
    List<Integer> stream = new ArrayList<>();
    for (int step = 0; step < 5; step++) {
      for (int index : sampler.indexes(step)) {
        stream.add(index);
      }
    }
    List<Integer> all = IntStream.range(0, 10).boxed().toList();
    assertThat(stream.subList(0, 10)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(stream.subList(10, 20)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(stream.subList(0, 10)).isNotEqualTo(stream.subList(10, 20));
  }

  @Test
  void aStepIsTheSameWhicheverStepsWereAskedBefore() {
    StepSampler asked = new StepSampler(3, 10, 4);
    asked.indexes(1000);
    asked.indexes(2);
    assertThat(asked.indexes(7)).isEqualTo(new StepSampler(3, 10, 4).indexes(7));
    assertThat(new StepSampler(4, 10, 4).indexes(7)).isNotEqualTo(asked.indexes(7));
  }
}
