/**
 * A copy of everything in a folder, and the way back: rows first, then the objects they name.
 *
 * <p>Depends on blob, checkpoint and jdbc; knows no table by name but those of blobs, so that a new
 * table is in the next backup by itself. Start at {@link io.dinoflow.storage.backup.Backup}, then
 * {@link io.dinoflow.storage.backup.Restore} and {@link io.dinoflow.storage.backup.BackupIndex}.
 */
package io.dinoflow.storage.backup;
