package io.dinoflow.model.weights;

import java.nio.ByteBuffer;

/** Numbers of 16 bits as floats; every one of them is a float, so nothing is lost. */
final class HalfFloats {
  private HalfFloats() {}

  /**
   * Widens numbers in place.
   *
   * @param bytes length of the result, whose second half holds the narrow numbers
   */
  static void widen(ByteBuffer littleEndian, int bytes, ElementType from) {
    int half = bytes / 2;
    for (int i = 0; i < bytes / Float.BYTES; i++) {
      short narrow = littleEndian.getShort(half + Short.BYTES * i);
      int bits = from == ElementType.BF16 ? narrow << 16 : Float.floatToRawIntBits(half(narrow));
      littleEndian.putInt(Float.BYTES * i, bits);
    }
  }

  /** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
  static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0x1F) {
      return Float.intBitsToFloat(sign | 0x7F800000 | fraction << 13);
    }
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | exponent + 112 << 23 | fraction << 13);
  }
}
