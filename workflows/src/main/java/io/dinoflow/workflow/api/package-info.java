/**
 * The workflows as people and programs start and steer them: from the Temporal Web UI, the command
 * line, a schedule or a parent.
 *
 * <p>Start at {@link io.dinoflow.workflow.api.PipelineWorkflow}, then {@link
 * io.dinoflow.workflow.api.StageWorkflow}.
 */
package io.dinoflow.workflow.api;
