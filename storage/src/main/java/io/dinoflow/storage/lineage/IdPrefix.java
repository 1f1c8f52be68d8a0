package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.Sha256;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;

/** Finds the one id that a person meant with its first digits. */
public final class IdPrefix {
  private static final int CANDIDATES_MAX = 4;

  private IdPrefix() {}

  /**
   * @param table a table of ids: {@code artifact} or {@code checkpoint}
   * @throws UnknownIdException no id begins so
   * @throws AmbiguousIdException several do
   */
  public static Sha256 resolve(Handle handle, String table, String prefix) {
    String digits = prefix.toLowerCase(Locale.ROOT);
    if (!digits.matches("[0-9a-f]{4,64}")) {
      throw new UnknownIdException(
          "\"%s\" is no id: give 4 to 64 hex digits, as the lists show them".formatted(prefix));
    }
    List<String> found =
        handle
            .createQuery(
                "SELECT id FROM %s WHERE id LIKE :begin ORDER BY id LIMIT %d"
                    .formatted(table, CANDIDATES_MAX))
            .bind("begin", digits + "%")
            .mapTo(String.class)
            .list();
    if (found.isEmpty()) {
      throw new UnknownIdException(
          "no %s has an id beginning with \"%s\"".formatted(table, prefix));
    }
    if (found.size() > 1) {
      throw new AmbiguousIdException(
          prefix, found.stream().map(id -> id.substring(0, 16)).toList());
    }
    return new Sha256(found.get(0));
  }
}
