/**
 * The workflows: order and policy, deterministic, no tensors, keys, tables, clock or paths.
 *
 * <p>Only ops registers them, through {@link io.dinoflow.workflow.impl.Workflows}. Start at
 * PipelineWorkflowImpl, then SegmentLoop.
 */
package io.dinoflow.workflow.impl;
