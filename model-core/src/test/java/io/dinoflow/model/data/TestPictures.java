package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Seeded pictures, some of them undecodable, without files. */
final class TestPictures {
  private TestPictures() {}

  static List<Sample> samples(int n) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      Sha256 digest = Sha256.ofText("picture " + i);
      samples.add(
          new Sample(
              "%05d".formatted(i),
              "shard.tar",
              0,
              1,
              digest,
              24,
              20,
              "label",
              "caption " + i,
              "g" + i,
              false,
              "test",
              "none",
              "",
              "all"));
    }
    return samples;
  }

  /** Pixels seeded by the sample's key; the named keys cannot be decoded. */
  static SampleImages images(Set<String> unreadable) {
    return sample -> {
      if (unreadable.contains(sample.key())) {
        throw new UnreadableImageException("broken on purpose");
      }
      SeededRandom random =
          SeededRandom.of(0, Purpose.SAMPLE, SeededRandom.coordinate(sample.key()));
      byte[] rgb = new byte[3 * sample.width() * sample.height()];
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) random.nextInt(256);
      }
      return new RgbImage(sample.width(), sample.height(), rgb);
    };
  }

  static CropRecipe crops(List<CropRecipe.Size> sizes, boolean undistortedGram) {
    return new CropRecipe(
        sizes,
        List.of(0.32, 1.0),
        4,
        List.of(0.05, 0.32),
        true,
        undistortedGram,
        1,
        1,
        1,
        1,
        List.of(0.485, 0.456, 0.406),
        List.of(0.229, 0.224, 0.225));
  }
}
