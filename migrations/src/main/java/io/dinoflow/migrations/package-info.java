/**
 * Forward-only migrations of the database: tables in {@code V*.sql}, never edited once merged, and
 * views in {@code R__views.sql}.
 *
 * <p>Depends on nothing of ours; ops calls it at start. Start at {@link
 * io.dinoflow.migrations.Migrations}.
 */
package io.dinoflow.migrations;
