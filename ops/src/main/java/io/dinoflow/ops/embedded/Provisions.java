package io.dinoflow.ops.embedded;

import io.dinoflow.migrations.Migrations;
import io.dinoflow.ops.MaintenanceSchedules;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.jdbc.Database;
import java.util.function.Consumer;

/** What the servers of a home are given: tables of this version, schedules of maintenance. */
final class Provisions {
  private Provisions() {}

  /** Brings the tables to this version's; a worker never starts on older ones. */
  static void tables(OpsConfig.Database where, Consumer<String> told) {
    try (Database database = Database.open(where.url(), where.user(), where.password(), 2)) {
      int applied = Migrations.apply(database.dataSource());
      if (applied > 0) {
        told.accept("postgres  %d migrations applied".formatted(applied));
      }
    }
  }

  /** Runs need them as little as they need the page: what fails is told, not thrown. */
  static void schedules(OpsConfig config, Consumer<String> told, Consumer<String> notice) {
    try (Services services = Services.open(config)) {
      told.accept("temporal  " + new MaintenanceSchedules(services).ensure());
    } catch (RuntimeException e) {
      e.printStackTrace(System.err);
      notice.accept("maintenance could not be scheduled (%s); `dinoflow gc` does it".formatted(e));
    }
  }
}
