package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.api.CurationWorkflow;
import io.dinoflow.workflow.api.DistillGroupWorkflow;
import io.dinoflow.workflow.api.DistillationWorkflow;
import io.dinoflow.workflow.api.EvaluationWorkflow;
import io.dinoflow.workflow.api.ImportWorkflow;
import io.dinoflow.workflow.api.MaintenanceWorkflow;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.RetrainWorkflow;
import io.dinoflow.workflow.api.TextAlignmentWorkflow;
import io.dinoflow.workflow.api.TrainWorkflow;
import io.temporal.worker.Worker;

/** Registers every workflow of the house with a worker. */
public final class Workflows {
  private Workflows() {}

  /** On a worker of queue {@link io.dinoflow.workflow.TaskQueues#PIPELINE}. */
  public static void register(Worker worker, FlowOptions options) {
    worker.registerWorkflowImplementationFactory(PipelineWorkflow.class, PipelineWorkflowImpl::new);
    worker.registerWorkflowImplementationFactory(
        CurationWorkflow.class, () -> new CurationWorkflowImpl(options));
    worker.registerWorkflowImplementationFactory(
        TrainWorkflow.class, () -> new TrainWorkflowImpl(options));
    worker.registerWorkflowImplementationFactory(
        DistillationWorkflow.class, DistillationWorkflowImpl::new);
    worker.registerWorkflowImplementationFactory(
        DistillGroupWorkflow.class, () -> new DistillGroupWorkflowImpl(options));
    worker.registerWorkflowImplementationFactory(
        TextAlignmentWorkflow.class, () -> new TextAlignmentWorkflowImpl(options));
    worker.registerWorkflowImplementationFactory(
        EvaluationWorkflow.class, () -> new EvaluationWorkflowImpl(options));
    worker.registerWorkflowImplementationFactory(ImportWorkflow.class, ImportWorkflowImpl::new);
    worker.registerWorkflowImplementationFactory(
        RetrainWorkflow.class, () -> new RetrainWorkflowImpl(options));
    worker.registerWorkflowImplementationFactory(
        MaintenanceWorkflow.class, () -> new MaintenanceWorkflowImpl(options));
  }
}
