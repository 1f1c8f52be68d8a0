package io.dinoflow.storage.jdbc;

import java.util.UUID;

/**
 * A database of its own on the server of another one, for measurements: made when opened, dropped
 * when closed, never touching what the other holds. One owner, one thread.
 *
 * <p>What loads it may take minutes, which no store may: {@link #loader} has no deadlines, {@link
 * #measured} has those of {@link Database}.
 */
public final class ScratchDatabase implements AutoCloseable {
  private static final int CONNECTIONS_MAX = 2;
  private static final String NO_DEADLINES =
      "socketTimeout=0&options=-c%20statement_timeout=0%20-c%20lock_timeout=0";

  private final Database server;
  private final String name;
  private final Database loader;
  private final Database measured;

  private ScratchDatabase(Database server, String name, Database loader, Database measured) {
    this.server = server;
    this.name = name;
    this.loader = loader;
    this.measured = measured;
  }

  /**
   * @param jdbcUrl of any database of the server; the user must be allowed to create databases
   */
  public static ScratchDatabase open(String jdbcUrl, String user, String password) {
    String name = "dinoflow_scratch_" + UUID.randomUUID().toString().replace("-", "");
    String url = sibling(jdbcUrl, name);
    Database server = Database.open(jdbcUrl, user, password, 1);
    try {
      server.read(handle -> handle.execute("CREATE DATABASE " + name));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return new ScratchDatabase(
        server,
        name,
        Database.open(
            url + (url.contains("?") ? "&" : "?") + NO_DEADLINES, user, password, CONNECTIONS_MAX),
        Database.open(url, user, password, CONNECTIONS_MAX));
  }

  /** The same server, another database. */
  static String sibling(String jdbcUrl, String name) {
    int parameters = jdbcUrl.indexOf('?');
    String address = parameters < 0 ? jdbcUrl : jdbcUrl.substring(0, parameters);
    String rest = parameters < 0 ? "" : jdbcUrl.substring(parameters);
    return address.substring(0, address.lastIndexOf('/') + 1) + name + rest;
  }

  public Database loader() {
    return loader;
  }

  public Database measured() {
    return measured;
  }

  public String name() {
    return name;
  }

  @Override
  public void close() {
    loader.close();
    measured.close();
    try {
      server.read(handle -> handle.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"));
    } finally {
      server.close();
    }
  }
}
