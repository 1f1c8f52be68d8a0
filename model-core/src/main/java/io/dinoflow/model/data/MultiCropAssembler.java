package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.BatchSpec.GramCrops;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Makes the multi-crop batch of any step; rows are crop-major. */
final class MultiCropAssembler implements BatchAssembler<Batch> {

  private final SampleStream stream;
  private final BatchSpec spec;
  private final SizeSampler sizes;
  private final MaskSampler maskSampler;

  MultiCropAssembler(List<Sample> samples, SampleImages images, BatchSpec spec) {
    this.stream = new SampleStream(samples, images, spec.seed(), spec.batchSize());
    this.spec = spec;
    this.sizes = new SizeSampler(spec.seed(), spec.crops().sizes());
    this.maskSampler = new MaskSampler(spec.maskSampleProbability(), spec.maskRatioMinMax());
  }

  @Override
  public Slot<Batch> slot() {
    return new MultiCropSlot();
  }

  private final class MultiCropSlot implements Slot<Batch> {
    private final int pictures = spec.batchSize();
    private final int locals = spec.crops().localCropsNumber();
    private final MultiCrop crops = new MultiCrop(spec.seed(), spec.crops(), spec.gramCrops());
    private final FloatBuffer globalRows = buffer(MultiCrop.GLOBALS, CropRecipe.Size::global);
    private final FloatBuffer localRows = buffer(locals, CropRecipe.Size::local);
    private final FloatBuffer gramRows =
        buffer(spec.gramCrops() == GramCrops.MADE ? MultiCrop.GLOBALS : 0, CropRecipe.Size::gram);
    private final ByteBuffer maskRows =
        ByteBuffer.allocateDirect(
            MultiCrop.GLOBALS * pictures * patches(largest(CropRecipe.Size::global)));

    @Override
    public Batch assemble(long step) throws IOException {
      CropRecipe.Size size = sizes.size(step);
      List<Sample> samples = new ArrayList<>(pictures);
      int globalFloats = 3 * size.global() * size.global();
      int gramFloats = 3 * size.gram() * size.gram();
      int localFloats = 3 * size.local() * size.local();
      globalRows.clear();
      localRows.clear();
      gramRows.clear();
      for (int i = 0; i < pictures; i++) {
        SampleStream.Picture picture = stream.picture(step, i);
        samples.add(picture.sample());
        RgbImage image = picture.image();
        for (int view = 0; view < MultiCrop.GLOBALS; view++) {
          int row = view * pictures + i;
          crops.global(
              image,
              size,
              step,
              i,
              view,
              globalRows,
              row * globalFloats,
              gramRows,
              row * gramFloats);
        }
        for (int local = 0; local < locals; local++) {
          int at = (local * pictures + i) * localFloats;
          crops.local(image, size, step, i, MultiCrop.GLOBALS + local, localRows, at);
        }
      }
      return masked(step, size, samples);
    }

    private Batch masked(long step, CropRecipe.Size size, List<Sample> samples) {
      int rows = MultiCrop.GLOBALS * pictures;
      int side = size.global() / spec.patchSize();
      byte[][] masks =
          maskSampler.sample(rows, side, SeededRandom.of(spec.seed(), Purpose.MASK, step));
      maskRows.clear();
      int[] counts = new int[rows];
      int total = 0;
      for (int row = 0; row < rows; row++) {
        maskRows.put(masks[row]);
        for (byte masked : masks[row]) {
          counts[row] += masked;
        }
        total += counts[row];
      }
      int[] indices = new int[total];
      float[] weights = new float[total];
      int n = 0;
      for (int row = 0; row < rows; row++) {
        for (int patch = 0; patch < side * side; patch++) {
          if (masks[row][patch] == 1) {
            indices[n] = row * side * side + patch;
            weights[n++] = 1f / counts[row];
          }
        }
      }
      int gramRowsMade = spec.gramCrops() == GramCrops.MADE ? rows : 0;
      return new Batch(
          step,
          size,
          globalRows.limit(rows * 3 * size.global() * size.global()),
          localRows.limit(locals * pictures * 3 * size.local() * size.local()),
          gramRows.limit(gramRowsMade * 3 * size.gram() * size.gram()),
          maskRows.flip(),
          indices,
          weights,
          samples);
    }

    private FloatBuffer buffer(int cropsPerPicture, ToIntFunction<CropRecipe.Size> side) {
      int widest = largest(side);
      return DirectBuffers.floats((long) cropsPerPicture * pictures * 3 * widest * widest);
    }

    private int largest(ToIntFunction<CropRecipe.Size> side) {
      return spec.crops().sizes().stream().mapToInt(side).max().orElseThrow();
    }

    private int patches(int globalSide) {
      int side = globalSide / spec.patchSize();
      return side * side;
    }
  }
}
