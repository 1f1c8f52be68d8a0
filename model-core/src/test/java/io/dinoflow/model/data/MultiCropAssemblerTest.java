package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.BatchSpec.GramCrops;
import io.dinoflow.model.recipe.CropRecipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MultiCropAssemblerTest {

  private static final CropRecipe.Size PLAIN = new CropRecipe.Size(32, 16, 0, 1);
  private static final CropRecipe.Size GRAM = new CropRecipe.Size(32, 16, 64, 1);

  @Test
  void fiftyBatchesAreTheSameWithOneThreadAndWithFour() {
    assertThat(digest(1, 0, 50)).isEqualTo(digest(4, 0, 50));
  }

  @Test
  void aBatchDoesNotDependOnTheStepThatWasFirst() throws IOException {
    try (Prefetcher<Batch> late =
        Prefetcher.from(assembler(PLAIN, GramCrops.NONE, Set.of()), 7, 2)) {
      Batch seventh = late.next();
      assertThat(seventh.step()).isEqualTo(7);
      assertThat(floats(seventh.globals()))
          .isEqualTo(
              floats(assembler(PLAIN, GramCrops.NONE, Set.of()).slot().assemble(7).globals()));
    }
  }

  @Test
  void anotherSeedOrStepGivesAnotherBatch() throws IOException {
    BatchAssembler.Slot<Batch> slot = assembler(PLAIN, GramCrops.NONE, Set.of()).slot();
    float[] first = floats(slot.assemble(0).globals());
    assertThat(floats(slot.assemble(1).globals())).isNotEqualTo(first);
    assertThat(floats(slot.assemble(0).globals())).isEqualTo(first);
  }

  @Test
  void anUndecodableSampleIsReplacedByTheNextInOrder() throws IOException {
    List<Sample> clean = assembler(PLAIN, GramCrops.NONE, Set.of()).slot().assemble(0).samples();
    String broken = clean.get(2).key();
    List<Sample> replaced =
        assembler(PLAIN, GramCrops.NONE, Set.of(broken)).slot().assemble(0).samples();
    assertThat(replaced.get(2)).isEqualTo(clean.get(3));
    assertThat(replaced.get(0)).isEqualTo(clean.get(0));
    assertThat(replaced).extracting(Sample::key).doesNotContain(broken);
  }

  @Test
  void aDatasetWithoutAnyDecodableSampleSaysWhy() {
    Set<String> all =
        TestPictures.samples(20).stream().map(Sample::key).collect(Collectors.toSet());
    assertThatThrownBy(() -> assembler(PLAIN, GramCrops.NONE, all).slot().assemble(0))
        .hasMessageContaining("none of 20 samples")
        .hasMessageContaining("broken on purpose");
  }

  @Test
  void rowsAreCropMajorAndGramCropsShowTheSameBoxUndistorted() throws IOException {
    CropRecipe still = still();
    BatchSpec spec = spec(still, GramCrops.MADE);
    Batch batch =
        new MultiCropAssembler(TestPictures.samples(20), TestPictures.images(Set.of()), spec)
            .slot()
            .assemble(3);
    // Without distortions a gram crop shrunk to the global side is the global crop.
    int pictures = batch.pictures();
    for (int row = 0; row < 2 * pictures; row++) {
      float[] gram = new float[3 * 64 * 64];
      batch.grams().get(row * gram.length, gram);
      float[] shrunk = new float[3 * 32 * 32];
      new Resampler(Resampler.Arithmetic.PIL).resize(gram, 64, 64, shrunk, 32, 32);
      float[] global = new float[shrunk.length];
      batch.globals().get(row * global.length, global);
      for (int i = 0; i < global.length; i++) {
        assertThat(global[i]).isCloseTo(shrunk[i], within(0.3f));
      }
    }
  }

  @Test
  void distortedGramCropsAreResizedFromTheSameDistortedPicture() throws IOException {
    BatchSpec spec = spec(TestPictures.crops(List.of(GRAM), false), GramCrops.MADE);
    Batch batch =
        new MultiCropAssembler(TestPictures.samples(20), TestPictures.images(Set.of()), spec)
            .slot()
            .assemble(3);
    float[] gram = new float[3 * 64 * 64];
    batch.grams().get(0, gram);
    float[] shrunk = new float[3 * 32 * 32];
    new Resampler(Resampler.Arithmetic.PIL).resize(gram, 64, 64, shrunk, 32, 32);
    float[] global = new float[shrunk.length];
    batch.globals().get(0, global);
    assertThat(global).containsExactly(shrunk, within(1e-6f));
  }

  @Test
  void maskIndicesAndWeightsDescribeTheMasks() throws IOException {
    Batch batch = assembler(PLAIN, GramCrops.NONE, Set.of()).slot().assemble(0);
    assertThat(batch.masks().limit()).isEqualTo(2 * 8 * 16);
    int n = 0;
    double total = 0;
    for (int i = 0; i < batch.masks().limit(); i++) {
      if (batch.masks().get(i) == 1) {
        assertThat(batch.maskIndices()[n]).isEqualTo(i);
        total += batch.masksWeight()[n++];
      }
    }
    assertThat(batch.maskIndices()).hasSize(n);
    // Each masked row's weights sum to one: half of the 16 rows are masked.
    assertThat(total).isCloseTo(8, within(1e-4));
  }

  @Test
  void stepsDrawSizesInTheRatiosOfTheRecipe() throws IOException {
    List<CropRecipe.Size> sizes =
        List.of(new CropRecipe.Size(32, 16, 0, 0.7), new CropRecipe.Size(48, 24, 0, 0.3));
    SizeSampler sampler = new SizeSampler(65537, sizes);
    int large = 0;
    for (int step = 0; step < 4000; step++) {
      large += sampler.size(step).global() == 48 ? 1 : 0;
    }
    assertThat(large / 4000.0).isCloseTo(0.3, within(0.025));
    BatchSpec spec = spec(TestPictures.crops(sizes, true), GramCrops.NONE);
    BatchAssembler.Slot<Batch> slot =
        new MultiCropAssembler(TestPictures.samples(20), TestPictures.images(Set.of()), spec)
            .slot();
    for (int step = 0; step < 8; step++) {
      Batch batch = slot.assemble(step);
      int side = batch.size().global();
      assertThat(batch.globals().remaining()).isEqualTo(16 * 3 * side * side);
      assertThat(batch.masks().remaining()).isEqualTo(16 * side / 8 * side / 8);
    }
  }

  private static CropRecipe still() {
    CropRecipe moving = TestPictures.crops(List.of(GRAM), true);
    return new CropRecipe(
        moving.sizes(),
        List.of(1.0, 1.0),
        0,
        moving.localCropsScale(),
        true,
        true,
        0,
        0,
        0,
        0,
        moving.rgbMean(),
        moving.rgbStd());
  }

  private static BatchSpec spec(CropRecipe crops, GramCrops gram) {
    return new BatchSpec(42, 8, crops, gram, 8, 0.5, List.of(0.1, 0.5));
  }

  private static BatchAssembler<Batch> assembler(
      CropRecipe.Size size, GramCrops gram, Set<String> unreadable) {
    return new MultiCropAssembler(
        TestPictures.samples(20),
        TestPictures.images(unreadable),
        spec(TestPictures.crops(List.of(size), true), gram));
  }

  private static List<String> digest(int workers, long firstStep, int steps) {
    List<String> digests = new ArrayList<>();
    try (Prefetcher<Batch> batches =
        Prefetcher.from(assembler(GRAM, GramCrops.MADE, Set.of("00003")), firstStep, workers)) {
      for (int i = 0; i < steps; i++) {
        Batch batch = batches.next();
        assertThat(batch.step()).isEqualTo(firstStep + i);
        MessageDigest digest = Sha256.newDigest();
        update(digest, batch.globals());
        update(digest, batch.locals());
        update(digest, batch.grams());
        digest.update(batch.masks().duplicate());
        digests.add(Sha256.ofDigest(digest.digest()) + " " + batch.samples());
      }
    }
    return digests;
  }

  private static void update(MessageDigest digest, FloatBuffer floats) {
    ByteBuffer bytes = ByteBuffer.allocate(floats.remaining() * Float.BYTES);
    bytes.asFloatBuffer().put(floats.duplicate());
    digest.update(bytes);
  }

  private static float[] floats(FloatBuffer buffer) {
    float[] floats = new float[buffer.remaining()];
    buffer.get(0, floats);
    return floats;
  }
}
