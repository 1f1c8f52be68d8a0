package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.tensor.TensorScope;

/** Resizing of patch features laid out as (B, H * W, D), row-major, and of pictures. */
public final class Resize {
  private Resize() {}

  /** Bicubic, a = -0.75, corners not aligned, no antialias: as Gram anchoring does it. */
  public static NDArray bicubic(
      TensorScope scope, NDArray x_BND, long height, long width, long toHeight, long toWidth) {
    return TorchKernels.call(
        scope.manager(), "resize_bicubic", x_BND, height, width, toHeight, toWidth);
  }

  /** Bicubic with antialias. */
  public static NDArray bicubicAntialiased(
      TensorScope scope, NDArray x_BND, long height, long width, long toHeight, long toWidth) {
    return TorchKernels.call(
        scope.manager(), "resize_bicubic_aa", x_BND, height, width, toHeight, toWidth);
  }

  /** Bilinear with antialias: as ConvNeXt's maps are brought to a patch grid. */
  public static NDArray bilinearAntialiased(
      TensorScope scope, NDArray x_BND, long height, long width, long toHeight, long toWidth) {
    return TorchKernels.call(
        scope.manager(), "resize_bilinear_aa", x_BND, height, width, toHeight, toWidth);
  }

  /**
   * A picture's levels over 255, then bilinear with antialias.
   *
   * @param rgb_N3 8-bit levels of H * W pixels, row-major
   * @return (3, toHeight, toWidth)
   */
  public static NDArray picture(
      TensorScope scope, NDArray rgb_N3, long height, long width, long toHeight, long toWidth) {
    return TorchKernels.call(
        scope.manager(), "resize_picture", rgb_N3, height, width, toHeight, toWidth);
  }
}
