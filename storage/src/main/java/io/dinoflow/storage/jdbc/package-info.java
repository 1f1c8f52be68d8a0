/**
 * The way to PostgreSQL: a pool with deadlines, and transactions that are tried again when the
 * server says that trying again may help.
 *
 * <p>Every store of this module depends on it; it depends on none. Start at {@link
 * io.dinoflow.storage.jdbc.Database}.
 */
package io.dinoflow.storage.jdbc;
