/**
 * Dataset manifests: one Parquet row a picture.
 *
 * <p>Parquet is written and read through an in-memory DuckDB, with the loading of extensions off.
 * Depends on nothing else of this module. Start at {@link
 * io.dinoflow.storage.dataset.ManifestStore}.
 */
package io.dinoflow.storage.dataset;
