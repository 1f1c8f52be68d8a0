/**
 * Makes a balanced dataset out of source images, and a report of how.
 *
 * <p>The methods are model-core's curate; here are their order, their progress, and the commit.
 * Depends on support. Start at {@link io.dinoflow.activity.curate.CurateActivitiesImpl}, then
 * {@link io.dinoflow.activity.curate.Curation}.
 */
package io.dinoflow.activity.curate;
