package io.dinoflow.model.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.tensor.TensorScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Pictures of a batch as the model sees them; its memory is used again for the next one. */
final class PixelBatch {
  private final Preprocessing preprocessing;
  private final int side;
  private final int capacity;
  private final FloatBuffer pixels_B3SS;
  private final List<String> names = new ArrayList<>();

  PixelBatch(int capacity, Preprocessing preprocessing) {
    this.preprocessing = preprocessing;
    this.side = preprocessing.side();
    this.capacity = capacity;
    this.pixels_B3SS = direct((long) capacity * 3 * side * side);
  }

  static FloatBuffer direct(long values) {
    return ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(values, Float.BYTES)))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** In the order of the other library's processor: levels over 255, resize, normalise. */
  void add(TensorScope parent, String name, RgbImage image) {
    int area = side * side;
    try (TensorScope scope = parent.nested()) {
      NDArray rgb_N3 =
          scope.create(
              ByteBuffer.wrap(image.rgb()),
              new Shape((long) image.width() * image.height(), 3),
              DataType.UINT8);
      float[] pixels_3SS =
          HostMemory.floats(
              Resize.picture(scope, rgb_N3, image.height(), image.width(), side, side));
      for (int c = 0; c < 3; c++) {
        float mean = preprocessing.mean().get(c).floatValue();
        float std = preprocessing.std().get(c).floatValue();
        for (int i = c * area; i < (c + 1) * area; i++) {
          pixels_3SS[i] = (pixels_3SS[i] - mean) / std;
        }
      }
      pixels_B3SS.put(count() * 3 * area, pixels_3SS);
    }
    names.add(name);
  }

  int count() {
    return names.size();
  }

  /** Of the pictures, in the order of the rows. */
  List<String> names() {
    return List.copyOf(names);
  }

  boolean isFull() {
    return count() == capacity;
  }

  void clear() {
    names.clear();
  }

  FloatBuffer pixels() {
    return pixels_B3SS.duplicate().clear().limit(count() * 3 * side * side);
  }

  Shape shape() {
    return new Shape(count(), 3, side, side);
  }
}
