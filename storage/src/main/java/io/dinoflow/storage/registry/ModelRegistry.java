package io.dinoflow.storage.registry;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.util.List;
import java.util.Optional;

/**
 * Which checkpoints serve under which name, and how that came about.
 *
 * <p>Every method is one transaction and callable from any thread. Registering and promoting are
 * safe to repeat: what is so already stays as it is. A rollback is not: each moves one step back.
 */
public final class ModelRegistry {
  private final Database database;

  public ModelRegistry(Database database) {
    this.database = database;
  }

  /**
   * The checkpoint as a version of the model; the next number where it is none yet.
   *
   * @param evaluation what its numbers were read from; fills a gap, replaces nothing
   * @throws UnknownIdException no checkpoint has this id
   */
  public ModelVersion register(String model, Sha256 checkpoint, Optional<Sha256> evaluation) {
    return database.inTransaction(
        handle -> new RegistryRows(handle).register(model, checkpoint, evaluation));
  }

  /**
   * Points the alias at the version.
   *
   * @return the move; empty where it points there already
   * @throws UnknownIdException the model has no such version
   */
  public Optional<Promotion> promote(
      String model, int version, String alias, Promotion.Decision decision) {
    return database.inTransaction(
        handle -> new RegistryRows(handle).promote(model, version, alias, decision));
  }

  /**
   * Points the alias at what it pointed at before its last promotion.
   *
   * @throws NothingBeforeException it never pointed at anything else
   */
  public Promotion rollback(String model, String alias, Promotion.Decision decision) {
    return database.inTransaction(
        handle -> new RegistryRows(handle).rollback(model, alias, decision));
  }

  /** By name, newest version first. */
  public List<ModelVersion> versions() {
    return database.read(handle -> new RegistryRows(handle).versions());
  }

  /** Newest first; empty where the model is not known. */
  public List<ModelVersion> versions(String model) {
    return database.read(handle -> new RegistryRows(handle).versions(model));
  }

  /** What an alias points at. */
  public Optional<ModelVersion> find(String model, String alias) {
    return versions(model).stream().filter(v -> v.aliases().contains(alias)).findFirst();
  }

  /** Moves of all the model's aliases, newest first. */
  public List<Promotion> history(String model) {
    return database.read(handle -> new RegistryRows(handle).history(model));
  }
}
