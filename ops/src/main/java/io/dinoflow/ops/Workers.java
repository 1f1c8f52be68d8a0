package io.dinoflow.ops;

import io.dinoflow.activity.align.AlignActivitiesImpl;
import io.dinoflow.activity.curate.CurateActivitiesImpl;
import io.dinoflow.activity.distill.DistillActivitiesImpl;
import io.dinoflow.activity.evaluate.EvaluateActivitiesImpl;
import io.dinoflow.activity.ingest.GatherActivitiesImpl;
import io.dinoflow.activity.ingest.IngestActivitiesImpl;
import io.dinoflow.activity.maintain.MaintenanceActivitiesImpl;
import io.dinoflow.activity.run.CatalogRecipes;
import io.dinoflow.activity.run.RetrainActivitiesImpl;
import io.dinoflow.activity.run.RunActivitiesImpl;
import io.dinoflow.activity.support.DatasetCache;
import io.dinoflow.activity.support.LogContext;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.activity.support.Profiles;
import io.dinoflow.activity.support.Recipes;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.activity.train.TrainActivitiesImpl;
import io.dinoflow.model.kernel.KernelArchive;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.impl.Workflows;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;

/** Every registration: which process polls which queue with which implementation. */
public final class Workers {
  private static final int LIGHT_SLOTS = 8;
  private static final int WORKFLOW_SLOTS = 50;

  private Workers() {}

  /** Registers what a process of this role does; the caller starts the factory. */
  public static WorkerFactory of(WorkerRole role, Services services) {
    WorkerFactory factory =
        WorkerFactory.newInstance(
            services.workflows(),
            WorkerFactoryOptions.newBuilder()
                .setWorkerInterceptors(LogContext.interceptor())
                .build());
    Workbench bench = bench(services);
    Profile profile = services.config().profile();
    switch (role) {
      case CONTROL -> {
        Workflows.register(
            factory.newWorker(
                TaskQueues.PIPELINE,
                WorkerOptions.newBuilder()
                    .setMaxConcurrentWorkflowTaskExecutionSize(WORKFLOW_SLOTS)
                    .setLocalActivityWorkerOnly(true)
                    .build()),
            profile.flow());
        activities(factory, TaskQueues.LIGHT, LIGHT_SLOTS, profile)
            .registerActivitiesImplementations(
                new RunActivitiesImpl(bench, new CatalogRecipes(new ShippedRecipes())),
                new RetrainActivitiesImpl(
                    bench,
                    new CatalogRecipes(new ShippedRecipes()),
                    services.models(),
                    services.firings()),
                new MaintenanceActivitiesImpl(
                    services.housekeeping(),
                    services.scrub(),
                    services.lineage(),
                    profile.heartbeat()));
      }
      case TRAIN ->
          activities(factory, TaskQueues.TRAIN, 1, profile)
              .registerActivitiesImplementations(
                  new TrainActivitiesImpl(bench),
                  new DistillActivitiesImpl(bench),
                  new AlignActivitiesImpl(bench));
      case COMPUTE -> {
        activities(factory, TaskQueues.DATA, 1, profile)
            .registerActivitiesImplementations(
                new IngestActivitiesImpl(bench),
                new GatherActivitiesImpl(bench),
                new CurateActivitiesImpl(bench));
        activities(factory, TaskQueues.EVAL, 1, profile)
            .registerActivitiesImplementations(new EvaluateActivitiesImpl(bench));
      }
    }
    return factory;
  }

  private static Worker activities(
      WorkerFactory factory, String queue, int slots, Profile profile) {
    return factory.newWorker(
        queue,
        WorkerOptions.newBuilder()
            .setMaxConcurrentActivityExecutionSize(slots)
            .setMaxHeartbeatThrottleInterval(profile.heartbeatThrottle())
            .setDefaultHeartbeatThrottleInterval(profile.heartbeatThrottle())
            .build());
  }

  private static Workbench bench(Services services) {
    Home home = services.config().home();
    ManifestStore manifests = new ManifestStore();
    Build build = Build.current();
    return new Workbench(
        services.checkpoints(),
        services.artifacts(),
        services.lineage(),
        manifests,
        new DatasetCache(services.artifacts(), manifests, home.datasets()),
        Scratch.under(home.scratch().resolve("workers")),
        Profiles.under(home.profiles()),
        new Recipes(services.lineage()),
        Machine.here(build.engine(), KernelArchive.digest().hex(), build.version()),
        services.config().profile().heartbeat());
  }
}
