package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataBenchTest {
  @TempDir Path folder;

  @Test
  void bothSidesGetTheSamePicturesAndNoTwoAreAlike() throws Exception {
    Dataset dataset = DataPictures.in(folder);
    CachedImages images = CachedImages.of(dataset);

    assertThat(dataset.samples()).hasSize(DataPictures.PICTURES);
    assertThat(dataset.samples()).extracting(Sample::sha256).doesNotHaveDuplicates();
    for (Sample sample : dataset.samples()) {
      byte[] stored = images.bytes(sample);
      assertThat(stored).isEqualTo(Files.readAllBytes(folder.resolve(sample.key() + ".jpeg")));
      assertThat(new ImageDecoder().header(stored))
          .isEqualTo(new ImageDecoder.Header("jpeg", DataPictures.WIDTH, DataPictures.HEIGHT));
    }
    Path again = Files.createDirectory(folder.resolve("again"));
    assertThat(DataPictures.in(again).samples()).isEqualTo(dataset.samples());
  }

  @Test
  void picturesAreApartByTheirWorstLevel() {
    assertThat(DataBench.apart(new byte[] {0, (byte) 200, 7}, new byte[] {1, (byte) 100, 7}))
        .isEqualTo(100);
    assertThat(DataBench.apart(new byte[] {1, 2}, new byte[] {1, 2})).isZero();
    assertThat(DataBench.apart(new byte[1], new byte[2])).isEqualTo(255);
  }
}
