/**
 * A bench of real stores for tests of activities, and a stand-in for Temporal's side of an attempt.
 * Start at {@link io.dinoflow.activity.testing.Bench}.
 */
package io.dinoflow.activity.testing;
