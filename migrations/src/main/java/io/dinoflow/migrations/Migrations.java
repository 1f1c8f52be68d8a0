package io.dinoflow.migrations;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Brings a database to this version's tables and views. */
public final class Migrations {
  private Migrations() {}

  /**
   * Applies what is missing; safe to repeat and to call from several processes at once (a lock in
   * the database orders them). A merged migration that was edited afterwards is refused.
   *
   * @return how many were applied now
   */
  public static int apply(DataSource database) {
    return Flyway.configure()
        .dataSource(database)
        .locations("classpath:db/migration")
        .cleanDisabled(true)
        .validateMigrationNaming(true)
        .load()
        .migrate()
        .migrationsExecuted;
  }
}
