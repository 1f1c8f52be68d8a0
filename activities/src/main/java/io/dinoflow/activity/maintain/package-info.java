/**
 * Keeping the store tidy and honest: letting go of what nothing needs, reading back what is kept.
 *
 * <p>Depends on storage and the workflows' contract. Start at {@link
 * io.dinoflow.activity.maintain.MaintenanceActivitiesImpl}, then {@link
 * io.dinoflow.activity.maintain.TrackPolicies}.
 */
package io.dinoflow.activity.maintain;
