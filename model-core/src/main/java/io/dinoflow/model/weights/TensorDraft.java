package io.dinoflow.model.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor about to be written, put together from stretches of files: what a change of layout needs
 * (names, slices of rows, joined rows) without its values ever being in memory.
 *
 * @param shape dimensions, outermost first
 * @param pieces in order; their lengths sum to the tensor's
 */
public record TensorDraft(String name, ElementType type, List<Long> shape, List<Piece> pieces) {

  /** Bytes in a row. */
  public sealed interface Piece {
    long bytes();
  }

  /** A stretch of a file, taken as it is. */
  public record Stretch(Path file, long position, long bytes) implements Piece {}

  /** A stretch of a file with numbers of 16 bits, each widened to 32 bits without loss. */
  public record Widened(Path file, long position, ElementType from, long elements)
      implements Piece {
    @Override
    public long bytes() {
      return elements * ElementType.F32.bytes();
    }
  }

  /** A stretch of a file with floats that are numbers of 16 bits, written as those. */
  public record Narrowed(Path file, long position, ElementType to, long elements) implements Piece {
    @Override
    public long bytes() {
      return elements * to.bytes();
    }
  }

  /** Zeros that no file holds. */
  public record Zeros(long bytes) implements Piece {}

  public TensorDraft {
    shape = List.copyOf(shape);
    pieces = List.copyOf(pieces);
    long needed = shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
    long given = pieces.stream().mapToLong(Piece::bytes).reduce(0, Math::addExact);
    if (needed != given) {
      throw new IllegalArgumentException(
          "tensor \"%s\" of %s %s needs %d bytes, its pieces have %d"
              .formatted(name, type, shape, needed, given));
    }
  }

  /** How many numbers it holds. */
  public long elements() {
    return bytes() / type.bytes();
  }

  long bytes() {
    return pieces.stream().mapToLong(Piece::bytes).sum();
  }

  /** The whole tensor under another name. */
  public static TensorDraft renamed(StoredTensor tensor, String name) {
    return new TensorDraft(
        name,
        tensor.type(),
        tensor.shape(),
        List.of(new Stretch(tensor.file(), tensor.position(), tensor.bytes())));
  }

  /** The same values, all of them numbers of 16 bits, as those: undoes {@link #inFp32}. */
  public TensorDraft narrowed(ElementType to) {
    List<Piece> narrow = new ArrayList<>();
    for (Piece piece : pieces) {
      long elements = piece.bytes() / ElementType.F32.bytes();
      if (piece instanceof Stretch stretch) {
        narrow.add(new Narrowed(stretch.file(), stretch.position(), to, elements));
      } else {
        narrow.add(new Zeros(elements * to.bytes()));
      }
    }
    return new TensorDraft(name, to, shape, narrow);
  }

  /** The same values in fp32, bit for bit where they are. */
  public TensorDraft inFp32() {
    if (type == ElementType.F32) {
      return this;
    }
    if (type != ElementType.BF16 && type != ElementType.F16) {
      throw new IllegalArgumentException(
          "tensor \"%s\" is %s, must be F32, BF16 or F16".formatted(name, type));
    }
    List<Piece> widened = new ArrayList<>();
    for (Piece piece : pieces) {
      long elements = piece.bytes() / type.bytes();
      if (piece instanceof Stretch stretch) {
        widened.add(new Widened(stretch.file(), stretch.position(), type, elements));
      } else {
        widened.add(new Zeros(elements * ElementType.F32.bytes()));
      }
    }
    return new TensorDraft(name, ElementType.F32, shape, widened);
  }
}
