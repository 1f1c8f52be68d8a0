package io.dinoflow.storage.backup;

import io.dinoflow.storage.backup.BackupIndex.SequenceCopy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What there is in a database, asked of its own catalog. One connection's, one thread's. */
final class Tables {
  /** Written by the migrations themselves. */
  private static final String HISTORY = "flyway_schema_history";

  private final Connection connection;

  Tables(Connection connection) {
    this.connection = connection;
  }

  /** A constraint between tables, and the words that make it again. */
  record ForeignKey(String table, String name, String definition) {}

  /** Tables whose rows are ours, by name. */
  List<String> names() throws SQLException {
    return texts(
        """
        SELECT table_name FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
          AND table_name <> '%s'
        ORDER BY table_name
        """
            .formatted(HISTORY));
  }

  /** Columns that can be written. */
  List<String> columns(String table) throws SQLException {
    return texts(
        """
        SELECT column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = '%s' AND is_generated = 'NEVER'
        ORDER BY ordinal_position
        """
            .formatted(table));
  }

  /** The newest migration that was applied. */
  String schema() throws SQLException {
    return text(
        """
        SELECT max(version::int)::text FROM %s WHERE success AND version IS NOT NULL
        """
            .formatted(HISTORY));
  }

  List<SequenceCopy> sequences() throws SQLException {
    List<SequenceCopy> sequences = new ArrayList<>();
    for (String name :
        texts(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1")) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT last_value, is_called FROM " + name)) {
        row.next();
        sequences.add(new SequenceCopy(name, row.getLong(1), row.getBoolean(2)));
      }
    }
    return sequences;
  }

  List<ForeignKey> foreignKeys() throws SQLException {
    List<ForeignKey> keys = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT conrelid::regclass::text AS table_name, conname, pg_get_constraintdef(oid)
                FROM pg_constraint
                WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
                ORDER BY 1, 2
                """)) {
      while (rows.next()) {
        keys.add(new ForeignKey(rows.getString(1), rows.getString(2), rows.getString(3)));
      }
    }
    return keys;
  }

  boolean isEmpty(String table) throws SQLException {
    return text("SELECT (NOT EXISTS (SELECT 1 FROM %s))::text".formatted(table)).equals("true");
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String text(String sql) throws SQLException {
    List<String> found = texts(sql);
    return found.isEmpty() || found.get(0) == null ? "" : found.get(0);
  }

  private List<String> texts(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }
}
