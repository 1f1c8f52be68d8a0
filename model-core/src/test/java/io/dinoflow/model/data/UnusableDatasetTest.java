package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.recipe.CropRecipe;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a dataset lacks is said in a way that is not taken for a passing trouble. */
class UnusableDatasetTest {
  private static final Normalisation PLAIN =
      Normalisation.of(TestPictures.crops(List.of(new CropRecipe.Size(16, 8, 0, 1)), false));

  @Test
  void refusesTextAlignmentWithoutCaptions() {
    List<Sample> silent =
        TestPictures.samples(3).stream().map(UnusableDatasetTest::silent).toList();
    assertThatThrownBy(
            () -> new CaptionAssembler(silent, TestPictures.images(Set.of()), 1, 2, 16, PLAIN))
        .isInstanceOf(UnusableDatasetException.class)
        .hasMessageContaining("none of the dataset's 3 samples has a caption");
  }

  @Test
  void refusesAnEmptyDataset() {
    assertThatThrownBy(() -> new StepSampler(1, 0, 8)).isInstanceOf(UnusableDatasetException.class);
  }

  @Test
  void refusesADatasetOfWhichNothingCanBeDecoded() {
    List<Sample> samples = TestPictures.samples(5);
    Set<String> all = new TreeSet<>(samples.stream().map(Sample::key).toList());
    SampleStream stream = new SampleStream(samples, TestPictures.images(all), 1, 2);
    assertThatThrownBy(() -> stream.picture(0, 0))
        .isInstanceOf(UnusableDatasetException.class)
        .hasMessageContaining("none of 5 samples in a row");
  }

  private static Sample silent(Sample s) {
    return new Sample(
        s.key(),
        s.shard(),
        s.offset(),
        s.bytes(),
        s.sha256(),
        s.width(),
        s.height(),
        s.label(),
        " ",
        s.group(),
        s.variant(),
        s.source(),
        s.licence(),
        s.clusterPath(),
        s.sampledBy());
  }
}
