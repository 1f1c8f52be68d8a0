package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleStreamTest {
  private static final int BATCH = 3;
  private static final long SEED = 5;
  private final List<Sample> samples = TestPictures.samples(50);
  private final List<List<Sample>> announced = new ArrayList<>();

  @Test
  void announcesEachStepOnceAndInOrderFarEnoughAhead() throws IOException {
    SampleStream stream = new SampleStream(samples, recording(), SEED, BATCH);
    for (long step : new long[] {7, 9, 8}) {
      for (int row = 0; row < BATCH; row++) {
        stream.picture(step, row);
      }
    }
    StepSampler order = new StepSampler(SEED, samples.size(), BATCH);
    List<List<Sample>> expected = new ArrayList<>();
    for (long step = 7; step <= 9 + SampleStream.STEPS_AHEAD; step++) {
      expected.add(Arrays.stream(order.indexes(step)).mapToObj(samples::get).toList());
    }
    assertThat(announced).isEqualTo(expected);
  }

  @Test
  void whatIsAnnouncedIsWhatIsRead() throws IOException {
    SampleStream stream = new SampleStream(samples, recording(), SEED, BATCH);
    List<Sample> read = new ArrayList<>();
    for (int row = 0; row < BATCH; row++) {
      read.add(stream.picture(4, row).sample());
    }
    assertThat(announced.get(0)).isEqualTo(read);
  }

  private SampleImages recording() {
    SampleImages pictures = TestPictures.images(Set.of());
    return new SampleImages() {
      @Override
      public RgbImage image(Sample sample) throws UnreadableImageException, IOException {
        return pictures.image(sample);
      }

      @Override
      public void soon(List<Sample> wanted) {
        announced.add(wanted);
      }
    };
  }
}
