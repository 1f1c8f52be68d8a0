package io.dinoflow.storage.dataset;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Writes and reads dataset manifests. Equal samples give equal bytes, so a manifest's digest names
 * its content. Stateless and thread-safe.
 *
 * <p>DuckDB runs in memory, on one thread (more would order row groups by chance) and may load no
 * extension and reach no network: Parquet is built in.
 */
public final class ManifestStore {
  /** The name of a manifest within its dataset. */
  public static final String FILE_NAME = "manifest.parquet";

  private static final String COLUMNS =
      """
      key VARCHAR, shard VARCHAR, "offset" BIGINT, bytes BIGINT, sha256 VARCHAR, width INTEGER,
      height INTEGER, label VARCHAR, caption VARCHAR, "group" VARCHAR, variant BOOLEAN,
      source VARCHAR, licence VARCHAR, cluster_path VARCHAR, sampled_by VARCHAR
      """;

  /**
   * Writes {@code samples} in their order, replacing {@code file}.
   *
   * @return the file under the name {@value #FILE_NAME}
   */
  public BlobFile write(List<Sample> samples, Path file) {
    try (DuckDBConnection database = open();
        Statement statement = database.createStatement()) {
      Files.deleteIfExists(file);
      statement.execute("CREATE TABLE manifest (%s)".formatted(COLUMNS));
      try (DuckDBAppender rows =
          database.createAppender(DuckDBConnection.DEFAULT_SCHEMA, "manifest")) {
        for (Sample sample : samples) {
          append(rows, sample);
        }
      }
      statement.execute(
          "COPY manifest TO %s (FORMAT parquet, COMPRESSION zstd)".formatted(quoted(file)));
      return blob(file);
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(
          "cannot write the manifest %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void append(DuckDBAppender rows, Sample sample) throws SQLException {
    rows.beginRow();
    rows.append(sample.key());
    rows.append(sample.shard());
    rows.append(sample.offset());
    rows.append(sample.bytes());
    rows.append(sample.sha256().hex());
    rows.append(sample.width());
    rows.append(sample.height());
    rows.append(sample.label());
    rows.append(sample.caption());
    rows.append(sample.group());
    rows.append(sample.variant());
    rows.append(sample.source());
    rows.append(sample.licence());
    rows.append(sample.clusterPath());
    rows.append(sample.sampledBy());
    rows.endRow();
  }

  private static BlobFile blob(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    long bytes;
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      bytes = in.transferTo(OutputStream.nullOutputStream());
    }
    return new BlobFile(FILE_NAME, file, Sha256.ofDigest(digest.digest()), bytes);
  }

  /** Reads a manifest in its order. */
  public List<Sample> read(Path file) {
    try (DuckDBConnection database = open();
        Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT * FROM read_parquet(%s, file_row_number = true) ORDER BY file_row_number"
                    .formatted(quoted(file)))) {
      List<Sample> samples = new ArrayList<>();
      while (row.next()) {
        samples.add(sample(row));
      }
      return List.copyOf(samples);
    } catch (SQLException e) {
      throw new IllegalArgumentException(
          "%s is no dataset manifest: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Whether a picture with this key, or with these bytes (64 hex digits), is in a manifest. */
  public boolean holds(Path file, String keyOrDigest) {
    try (DuckDBConnection database = open();
        PreparedStatement statement =
            database.prepareStatement(
                "SELECT 1 FROM read_parquet(%s) WHERE key = ? OR sha256 = ? LIMIT 1"
                    .formatted(quoted(file)))) {
      statement.setString(1, keyOrDigest);
      statement.setString(2, keyOrDigest.toLowerCase(Locale.ROOT));
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    } catch (SQLException e) {
      throw new IllegalArgumentException(
          "%s is no dataset manifest: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The licences that the pictures of a manifest came under, sorted; unknown ones are left out. */
  public List<String> licences(Path file) {
    try (DuckDBConnection database = open();
        Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT DISTINCT licence FROM read_parquet(%s) WHERE licence <> '' ORDER BY licence"
                    .formatted(quoted(file)))) {
      List<String> licences = new ArrayList<>();
      while (row.next()) {
        licences.add(row.getString("licence"));
      }
      return List.copyOf(licences);
    } catch (SQLException e) {
      throw new IllegalArgumentException(
          "%s is no dataset manifest: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Sample sample(ResultSet row) throws SQLException {
    return new Sample(
        row.getString("key"),
        row.getString("shard"),
        row.getLong("offset"),
        row.getLong("bytes"),
        new Sha256(row.getString("sha256")),
        row.getInt("width"),
        row.getInt("height"),
        row.getString("label"),
        row.getString("caption"),
        row.getString("group"),
        row.getBoolean("variant"),
        row.getString("source"),
        row.getString("licence"),
        row.getString("cluster_path"),
        row.getString("sampled_by"));
  }

  private static DuckDBConnection open() throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("threads", "1");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings);
    return connection.unwrap(DuckDBConnection.class);
  }

  private static String quoted(Path file) {
    return "'" + file.toAbsolutePath().toString().replace("'", "''") + "'";
  }
}
