package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page on SQL, held against a database of this version. */
class SqlPageIT {
  private static final Path PAGE = Path.of(System.getProperty("dinoflow.root"), "ops/docs/sql.md");
  private static final Pattern QUERY = Pattern.compile("(?s)```sql\n(.+?)```");
  private static final Pattern VIEW = Pattern.compile("## `(v_[a-z_]+)`");
  private static final Pattern COLUMN = Pattern.compile("\\| `([a-z_]+)` \\| .*\\|");

  private static Database database;

  @BeforeAll
  static void open() {
    database = TestServers.database();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void everyQueryRuns() throws IOException {
    Matcher query = QUERY.matcher(Files.readString(PAGE));
    List<String> queries = new ArrayList<>();
    while (query.find()) {
      queries.add(query.group(1));
    }

    assertThat(queries).hasSizeGreaterThan(8);
    assertThat(queries)
        .allSatisfy(sql -> assertThatCode(() -> columnsOf(sql)).as(sql).doesNotThrowAnyException());
  }

  @Test
  void everyViewIsThereWithItsColumns() throws Exception {
    Map<String, List<String>> page = new TreeMap<>();
    List<String> columns = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher view = VIEW.matcher(line);
      Matcher column = COLUMN.matcher(line);
      if (view.matches()) {
        columns = new ArrayList<>();
        page.put(view.group(1), columns);
      } else if (column.matches()) {
        columns.add(column.group(1));
      }
    }
    Map<String, List<String>> truth = new TreeMap<>();
    for (String view : views()) {
      truth.put(view, columnsOf("SELECT * FROM " + view));
    }

    assertThat(page).isEqualTo(truth);
  }

  private static List<String> views() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT viewname FROM pg_views WHERE schemaname = 'public'")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static List<String> columnsOf(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        names.add(rows.getMetaData().getColumnName(i));
      }
      return names;
    }
  }
}
