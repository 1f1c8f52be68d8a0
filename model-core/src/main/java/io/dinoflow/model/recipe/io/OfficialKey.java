package io.dinoflow.model.recipe.io;

/**
 * One key of an official configuration, and what became of it.
 *
 * @param file the configuration's name
 * @param value as JSON
 * @param remark the field it became, or why it did not
 */
public record OfficialKey(
    String file, String key, String value, Origin origin, Fate fate, String remark) {

  /** Where the value comes from. */
  public enum Origin {
    FILE,
    /** The file leaves the key out; this is what the official defaults say. */
    DEFAULT
  }

  /** What became of a key. */
  public enum Fate {
    /** It is in the recipe. */
    MAPPED,
    /** It needs nothing: this is how it is done here, or nothing depends on it. */
    SAME,
    /** It asks for what is not done here. */
    NOT_HONOURED,
    /** No official key that is known here. */
    UNKNOWN
  }
}
