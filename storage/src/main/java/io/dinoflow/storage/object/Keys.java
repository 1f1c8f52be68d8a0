package io.dinoflow.storage.object;

import java.util.regex.Pattern;

/** Which keys are allowed: those that every store and every file system treats alike. */
final class Keys {
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
  private static final int LENGTH_MAX = 512;

  private Keys() {}

  static String checked(String key) {
    if (key.length() > LENGTH_MAX || !FORM.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "key \"%s\" is not allowed: at most %d of A-Z a-z 0-9 . _ - in parts joined by /, none beginning with a dot"
              .formatted(key, LENGTH_MAX));
    }
    return key;
  }
}
