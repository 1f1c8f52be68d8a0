package io.dinoflow.ops.bench;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorDraft;
import io.dinoflow.model.weights.TensorFile;
import io.dinoflow.model.weights.TensorWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * One safetensors file with all that another program needs to make the same step: weights under
 * {@code backbone.}, {@code dino_head.} and {@code ibot_head.}, the batch under {@code batch.}.
 */
final class StepCase {
  private static final String HEADS = "student.";

  private StepCase() {}

  /**
   * @param parts files of a snapshot before the first step, when the teacher equals the student
   * @param raw a file that receives the batch's bytes and must live as long as this method runs
   */
  static void write(Path file, List<BlobFile> parts, Batch batch, Path raw) throws IOException {
    List<TensorDraft> drafts = new ArrayList<>();
    for (StoredTensor tensor : tensors(parts, "student.safetensors")) {
      drafts.add(TensorDraft.renamed(tensor, "backbone." + tensor.name()));
    }
    for (StoredTensor tensor : tensors(parts, "heads.safetensors")) {
      if (tensor.name().startsWith(HEADS)) {
        drafts.add(TensorDraft.renamed(tensor, tensor.name().substring(HEADS.length())));
      }
    }
    try (FileChannel channel =
        FileChannel.open(raw, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long rows = 2L * batch.pictures();
      long global = batch.size().global();
      long local = batch.size().local();
      long localRows = batch.locals().limit() / (3 * local * local);
      long patches = batch.masks().limit() / rows;
      long masked = batch.maskIndices().length;
      drafts.add(
          draft(
              "globals",
              ElementType.F32,
              List.of(rows, 3L, global, global),
              raw,
              channel,
              bytes(batch.globals())));
      drafts.add(
          draft(
              "locals",
              ElementType.F32,
              List.of(localRows, 3L, local, local),
              raw,
              channel,
              bytes(batch.locals())));
      drafts.add(
          draft(
              "masks",
              ElementType.U8,
              List.of(rows, patches),
              raw,
              channel,
              batch.masks().duplicate()));
      ByteBuffer indices = fresh(masked * Integer.BYTES);
      indices.asIntBuffer().put(batch.maskIndices());
      drafts.add(draft("mask_indices", ElementType.I32, List.of(masked), raw, channel, indices));
      drafts.add(
          draft(
              "masks_weight",
              ElementType.F32,
              List.of(masked),
              raw,
              channel,
              bytes(FloatBuffer.wrap(batch.masksWeight()))));
    }
    TensorWriter.write(file, "case.safetensors", drafts, TensorWriter.PLAIN);
  }

  private static List<StoredTensor> tensors(List<BlobFile> parts, String name) {
    return parts.stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .map(part -> TensorFile.read(part.file()).tensors())
        .orElseThrow(() -> new IllegalStateException("the snapshot has no " + name));
  }

  private static TensorDraft draft(
      String name,
      ElementType type,
      List<Long> shape,
      Path raw,
      FileChannel channel,
      ByteBuffer values)
      throws IOException {
    long position = channel.position();
    long length = values.remaining();
    while (values.hasRemaining()) {
      channel.write(values);
    }
    return new TensorDraft(
        "batch." + name, type, shape, List.of(new TensorDraft.Stretch(raw, position, length)));
  }

  private static ByteBuffer bytes(FloatBuffer values) {
    FloatBuffer source = values.duplicate();
    ByteBuffer bytes = fresh((long) source.remaining() * Float.BYTES);
    bytes.asFloatBuffer().put(source);
    return bytes;
  }

  private static ByteBuffer fresh(long size) {
    return ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
