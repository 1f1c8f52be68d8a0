package io.dinoflow.model.weights;

import java.nio.ByteBuffer;

/** Numbers of 16 bits as floats and back; every one of them is a float, so nothing is lost. */
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

  /**
   * Narrows floats in place, to the front.
   *
   * @param elements floats the buffer holds
   * @throws IllegalArgumentException a float is none of the narrow numbers
   */
  static void narrow(ByteBuffer littleEndian, int elements, ElementType to) {
    for (int i = 0; i < elements; i++) {
      int bits = littleEndian.getInt(Float.BYTES * i);
      short narrow = to == ElementType.BF16 ? (short) (bits >>> 16) : narrowed(bits);
      int back = to == ElementType.BF16 ? narrow << 16 : Float.floatToRawIntBits(half(narrow));
      if (back != bits) {
        throw new IllegalArgumentException(
            "%s is no number of type %s".formatted(Float.intBitsToFloat(bits), to));
      }
      littleEndian.putShort(Short.BYTES * i, narrow);
    }
  }

  /** The binary16 of a float that is one. */
  private static short narrowed(int bits) {
    int sign = bits >>> 16 & 0x8000;
    int exponent = bits >>> 23 & 0xFF;
    int fraction = bits & 0x7FFFFF;
    if (exponent == 0xFF) {
      return (short) (sign | 0x7C00 | fraction >>> 13);
    }
    if (exponent >= 113) {
      return (short) (sign | exponent - 112 << 10 | fraction >>> 13);
    }
    return (short) (sign | (int) (Math.abs(Float.intBitsToFloat(bits)) * 0x1p24f));
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
