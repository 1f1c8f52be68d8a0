package io.dinoflow.model.data;

import java.io.IOException;
import java.util.function.LongUnaryOperator;

/**
 * The doors to batches.
 *
 * <p>{@code Batches.multiCrop(dataset, spec)} makes any step's batch; {@code
 * Prefetcher.from(assembler, firstStep, workers)} makes those of consecutive steps ahead of the
 * trainer.
 */
public final class Batches {
  private Batches() {}

  /** Multi-crop batches for self-supervised training and distillation. */
  public static BatchAssembler<Batch> multiCrop(Dataset dataset, BatchSpec spec) {
    return multiCrop(dataset, CachedImages.of(dataset), spec);
  }

  /** The same with pictures decoded by {@code images}. */
  public static BatchAssembler<Batch> multiCrop(
      Dataset dataset, SampleImages images, BatchSpec spec) {
    return new MultiCropAssembler(dataset.samples(), images, spec);
  }

  /**
   * Plain pictures with captions: each a random resized crop of side {@code imageSize}. Samples
   * without a caption are left out.
   */
  public static BatchAssembler<CaptionBatch> captioned(
      Dataset dataset, long seed, int batchSize, int imageSize, Normalisation normalisation) {
    return new CaptionAssembler(
        dataset.samples(), CachedImages.of(dataset), seed, batchSize, imageSize, normalisation);
  }

  /**
   * The batches of another order: step {@code s} trains on the batch that {@code inner} has for
   * step {@code batchOf(s)}.
   */
  public static <T> BatchAssembler<T> reordered(
      BatchAssembler<T> inner, LongUnaryOperator batchOf) {
    return () -> {
      BatchAssembler.Slot<T> slot = inner.slot();
      return step -> slot.assemble(batchOf.applyAsLong(step));
    };
  }

  /**
   * The batch of step 0, assembled once, for every step: what a measurement of the step alone
   * trains on.
   */
  public static BatchAssembler<Batch> held(BatchAssembler<Batch> inner) throws IOException {
    Batch first = inner.slot().assemble(0);
    return () ->
        step ->
            new Batch(
                step,
                first.size(),
                first.globals().duplicate(),
                first.locals().duplicate(),
                first.grams().duplicate(),
                first.masks().duplicate(),
                first.maskIndices(),
                first.masksWeight(),
                first.samples());
  }
}
