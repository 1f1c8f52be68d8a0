package io.dinoflow.ops.web;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The parameters of a request to the API, each known to its endpoint, given once and short. What
 * cannot be used is refused, never ignored: a misspelt filter must not return everything.
 */
final class ApiQuery {
  private static final int CHARACTERS_MAX = 300;
  private static final int DIGITS_MAX = 9;

  private final Map<String, String> values;

  private ApiQuery(Map<String, String> values) {
    this.values = values;
  }

  /**
   * @param known names that the endpoint has
   */
  static ApiQuery of(Map<String, List<String>> given, Set<String> known) {
    Map<String, String> values = new TreeMap<>();
    given.forEach(
        (name, texts) -> {
          if (!known.contains(name)) {
            throw new BadQueryException(
                "there is no parameter \"%s\" here; there are: %s"
                    .formatted(shortened(name), String.join(", ", new TreeSet<>(known))));
          }
          if (texts.size() != 1) {
            throw new BadQueryException("give the parameter \"%s\" once".formatted(name));
          }
          String text = texts.get(0);
          if (text.isEmpty() || text.length() > CHARACTERS_MAX) {
            throw new BadQueryException(
                "the parameter \"%s\" has %,d characters: give 1 to %d"
                    .formatted(name, text.length(), CHARACTERS_MAX));
          }
          values.put(name, text);
        });
    return new ApiQuery(values);
  }

  /** The same of a page: what it does not know is somebody else's, and ignored. */
  static ApiQuery ofPage(Map<String, List<String>> given, Set<String> known) {
    Map<String, List<String>> ours = new TreeMap<>(given);
    ours.keySet().retainAll(known);
    return of(ours, known);
  }

  private static String shortened(String text) {
    return text.length() <= CHARACTERS_MAX ? text : text.substring(0, CHARACTERS_MAX) + "...";
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name));
  }

  String required(String name) {
    return text(name)
        .orElseThrow(() -> new BadQueryException("the parameter \"%s\" is needed".formatted(name)));
  }

  /** A whole number from {@code least} to {@code most}. */
  int number(String name, int otherwise, int least, int most) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    boolean digits = text.get().matches("[0-9]{1," + DIGITS_MAX + "}");
    int number = digits ? Integer.parseInt(text.get()) : -1;
    if (number < least || number > most) {
      throw new BadQueryException(
          "the parameter \"%s\" is \"%s\": give a whole number from %d to %d"
              .formatted(name, text.get(), least, most));
    }
    return number;
  }
}
