package io.dinoflow.activity.ingest;

/**
 * A picture as it came, not yet looked at. Empty text means the fact is not known.
 *
 * @param name where in the source it lies, for people and for its key
 * @param caption where none came with the picture, made of its label, so that text can be aligned
 * @param group variants of one picture share it; empty means its own
 */
record RawImage(
    String name,
    byte[] bytes,
    String label,
    String caption,
    String group,
    Variant variant,
    String licence) {

  RawImage {
    if (caption.isBlank() && !label.isBlank()) {
      caption = "a picture of " + label.replace('_', ' ');
    }
  }

  /** Whether the picture is derived from another of its group. */
  enum Variant {
    BASE,
    DERIVED
  }

  static RawImage of(String name, byte[] bytes, String label, String caption, String licence) {
    return new RawImage(name, bytes, label, caption, "", Variant.BASE, licence);
  }
}
