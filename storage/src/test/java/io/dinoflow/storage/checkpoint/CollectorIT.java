package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.testing.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fault 31 of the matrix: a collector beside commits, two collectors, a collector that comes late.
 * The same trial with one rule of the protocol broken must fail, or it would prove nothing; the
 * rules are broken from outside, by a trigger in the trial's own database or a store that forgets.
 */
class CollectorIT {
  private static final int COMMITS = 1000;

  /**
   * A trial of a broken rule ends with the first violation, mostly after some dozens of commits.
   */
  private static final int COMMITS_UNTIL_CAUGHT = 50_000;

  @TempDir Path folder;

  @Test
  void removesNothingThatIsNeededBesideAThousandCommits() throws Exception {
    try (Database database = TestServers.database();
        ObjectStore objects = new InMemoryObjectStore()) {
      CollectorTrial.Outcome outcome = trial(database, objects, COMMITS);

      assertThat(outcome.violations()).as("%s", outcome).isEmpty();
      assertThat(outcome.commits()).isGreaterThanOrEqualTo(COMMITS);
      assertThat(outcome.superseded()).as("attempts that lost their track").isPositive();
      assertThat(outcome.collected()).as("blobs collected meanwhile").isGreaterThan(COMMITS);
    }
  }

  @Test
  void theTrialCatchesAFenceThatDoesNotRise() throws Exception {
    try (Database database = TestServers.database();
        ObjectStore objects = new InMemoryObjectStore()) {
      breakRule(database, "track", "NEW.fence > OLD.fence", "NEW.fence := OLD.fence");

      assertThat(trial(database, objects, COMMITS_UNTIL_CAUGHT).violations())
          .anyMatch(broken -> broken.contains("had lost the track"));
    }
  }

  @Test
  void theTrialCatchesAnObjectThatIsNamedByItsDigestAlone() throws Exception {
    try (Database database = TestServers.database();
        ObjectStore objects = new StoreWithoutGenerations(new InMemoryObjectStore())) {
      assertThat(trial(database, objects, COMMITS_UNTIL_CAUGHT).violations())
          .anyMatch(broken -> broken.contains("cannot be read"));
    }
  }

  @Test
  void theTrialCatchesAWriterThatTakesABlobWhileItIsBeingDeleted() throws Exception {
    try (Database database = TestServers.database();
        ObjectStore objects = new InMemoryObjectStore()) {
      breakRule(
          database,
          "blob",
          "OLD.state = 'DELETING' AND NEW.state = 'PENDING'",
          "NEW.gen := OLD.gen");

      assertThat(trial(database, objects, COMMITS_UNTIL_CAUGHT).violations())
          .anyMatch(broken -> broken.contains("cannot be read"));
    }
  }

  private CollectorTrial.Outcome trial(Database database, ObjectStore objects, int commitsMax)
      throws Exception {
    return new CollectorTrial(database, objects, folder, commitsMax, 11).run();
  }

  private static void breakRule(Database database, String table, String when, String then)
      throws IOException {
    database.inTransaction(
        handle -> {
          handle.execute(
              """
              CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN IF %s THEN %s; END IF; RETURN NEW; END $$
              """
                  .formatted(when, then));
          return handle.execute(
              "CREATE TRIGGER broken BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION broken()"
                  .formatted(table));
        });
  }
}
