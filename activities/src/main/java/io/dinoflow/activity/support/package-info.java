/**
 * What every long activity does in the same way: beat while it advances, stop when told, keep its
 * files apart, read the recipe and datasets, run training segments, and classify failures.
 *
 * <p>Every package of this module may depend on it; it depends on none of them. Start at {@link
 * io.dinoflow.activity.support.Workbench}, then {@link io.dinoflow.activity.support.Heartbeat} and
 * {@link io.dinoflow.activity.support.SegmentRunner}.
 */
package io.dinoflow.activity.support;
