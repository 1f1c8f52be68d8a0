package io.dinoflow.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Metrics;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * PostgreSQL as the stores use it. Thread-safe; whoever opened it closes it.
 *
 * <p>Deadlines are short on purpose: a store that hangs is worse than one that fails, because every
 * caller above is retried.
 */
public final class Database implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_SECONDS = 5;
  private static final int SOCKET_TIMEOUT_SECONDS = 40;

  /** Statements and lock waits end before the socket does, so that the server says why. */
  private static final String SERVER_DEADLINES =
      "-c statement_timeout=30000 -c lock_timeout=5000 -c"
          + " idle_in_transaction_session_timeout=60000";

  private final DataSource pool;
  private final Optional<HikariDataSource> owned;
  private final Jdbi jdbi;

  private Database(DataSource pool, Optional<HikariDataSource> owned) {
    this.pool = pool;
    this.owned = owned;
    this.jdbi = Jdbi.create(pool).registerArrayType(String.class, "text");
  }

  /**
   * Opens a pool. Returns at once; an unreachable server shows at the first use.
   *
   * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
   */
  public static Database open(String jdbcUrl, String user, String password, int connectionsMax) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl);
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(connectionsMax);
    config.setMinimumIdle(1);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(CONNECT_TIMEOUT_SECONDS * 1000L);
    config.setValidationTimeout(2_000);
    config.setIdleTimeout(120_000);
    config.setMaxLifetime(600_000);
    config.setKeepaliveTime(60_000);
    config.setMetricRegistry(Metrics.globalRegistry);
    config.addDataSourceProperty("connectTimeout", String.valueOf(CONNECT_TIMEOUT_SECONDS));
    config.addDataSourceProperty("socketTimeout", String.valueOf(SOCKET_TIMEOUT_SECONDS));
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("options", SERVER_DEADLINES);
    HikariDataSource pool = new HikariDataSource(config);
    return new Database(pool, Optional.of(pool));
  }

  /** Uses a pool that somebody else owns and closes. */
  public static Database over(DataSource pool) {
    return new Database(pool, Optional.empty());
  }

  /**
   * What the server calls its version; asked once, so that a checkup learns at once what is wrong.
   *
   * @throws DatabaseUnavailableException it does not answer
   */
  public String serverVersion() {
    try (Connection connection = pool.getConnection()) {
      return connection.getMetaData().getDatabaseProductVersion();
    } catch (SQLException e) {
      throw new DatabaseUnavailableException(String.valueOf(e.getMessage()), e);
    }
  }

  /** For migrations. */
  public DataSource dataSource() {
    return pool;
  }

  /**
   * Runs {@code work} in one READ COMMITTED transaction, again from its beginning when the failure
   * is transient. {@code work} must be safe to run more than once, also after a commit whose answer
   * was lost.
   *
   * @throws DatabaseUnavailableException still failing after the retries
   */
  public <T> T inTransaction(TransientSql.Work<T> work) {
    return TransientSql.retry(() -> jdbi.inTransaction((Handle handle) -> work.run(handle)));
  }

  /** Runs a read; retried like {@link #inTransaction}. */
  public <T> T read(TransientSql.Work<T> work) {
    return TransientSql.retry(() -> jdbi.withHandle((Handle handle) -> work.run(handle)));
  }

  @Override
  public void close() {
    owned.ifPresent(HikariDataSource::close);
  }
}
