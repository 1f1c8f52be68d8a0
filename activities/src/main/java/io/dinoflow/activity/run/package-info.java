/**
 * A run's book-keeping: the strict door, the plan, reuse, and how it ended.
 *
 * <p>Depends on support; only ops constructs it. Start at {@link
 * io.dinoflow.activity.run.RunActivitiesImpl}.
 */
package io.dinoflow.activity.run;
