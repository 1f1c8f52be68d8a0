package io.dinoflow.activity.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Heartbeat;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.eval.EvaluationJob;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.Evaluators;
import io.dinoflow.model.eval.Headlines;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.EvaluateActivities;
import io.dinoflow.workflow.activity.Progress;
import io.temporal.activity.Activity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Fetches checkpoints, measures them, commits the report with its pictures. The report is a
 * function of the request, so whatever an attempt does again gives the same artifact. Features
 * survive a kill in a folder beside the dataset, which is removed once the report is committed.
 */
public final class EvaluateActivitiesImpl implements EvaluateActivities {
  private static final String TEACHER = "teacher.safetensors";
  private static final String STUDENT = "student.safetensors";

  private final Workbench bench;
  private final ObjectMapper json = Payloads.mapper();

  public EvaluateActivitiesImpl(Workbench bench) {
    this.bench = bench;
  }

  @Override
  public Evaluated evaluate(EvaluateRequest request) {
    return FailureMapper.mapped(() -> run(request));
  }

  private Evaluated run(EvaluateRequest request) throws IOException {
    PipelineRecipe recipe =
        bench.recipes().current(request.run(), request.recipe(), request.stage());
    StageRecipe.Evaluate stage = recipe.stage(request.stage(), StageRecipe.Evaluate.class);
    try (Heartbeat heartbeat =
            Heartbeat.start(
                Activity.getExecutionContext(),
                bench.heartbeat(),
                Progress.ofPhase(request.stage(), "fetching", request.source().name()));
        Scratch.Folder scratch = bench.scratch().folder("evaluate")) {
      EvaluationJob job = job(request, recipe, stage, scratch.path(), heartbeat);
      EvaluationReport report = measured(job, heartbeat);
      beat(heartbeat, request.stage(), "storing", 0, 0);
      Evaluated evaluated = commit(request, report, stage.knn(), job.output());
      Scratch.delete(job.cache());
      return evaluated;
    }
  }

  /** What the job itself makes impossible would only happen again. */
  private static EvaluationReport measured(EvaluationJob job, Heartbeat heartbeat)
      throws IOException {
    try {
      return Evaluators.run(
          job, (phase, done, of) -> beat(heartbeat, job.stage(), phase, done, of));
    } catch (IllegalArgumentException e) {
      throw FailureMapper.lasting(Failures.BAD_CONFIG, String.valueOf(e.getMessage()));
    }
  }

  private EvaluationJob job(
      EvaluateRequest request,
      PipelineRecipe recipe,
      StageRecipe.Evaluate stage,
      Path scratch,
      Heartbeat heartbeat)
      throws IOException {
    List<EvaluationJob.Checkpoint> subjects = new ArrayList<>();
    for (CheckpointRef subject : request.subjects()) {
      Path folder = scratch.resolve("subject-" + subjects.size());
      subjects.add(
          new EvaluationJob.Checkpoint(
              subject,
              fetch(request, subject, TEACHER, folder, heartbeat),
              madeBy(recipe, subject)));
    }
    Optional<EvaluationJob.Aligned> text = Optional.empty();
    if (!stage.text().isEmpty() && request.beside().isEmpty()) {
      text =
          Optional.of(
              new EvaluationJob.Aligned(
                  stage.text(),
                  fetch(
                      request,
                      named(request.text(), stage, "text"),
                      STUDENT,
                      scratch.resolve("text"),
                      heartbeat),
                  fetch(
                      request,
                      named(request.vision(), stage, "vision"),
                      TEACHER,
                      scratch.resolve("vision"),
                      heartbeat)));
    }
    Sha256 own = Sha256.ofText(name(request));
    return new EvaluationJob(
        recipe,
        request.stage(),
        request.source().name(),
        bench.datasets().open(request.source()),
        subjects,
        text,
        bench.datasets().beside(request.source(), "evaluation-" + own.shortForm()),
        Files.createDirectories(scratch.resolve("output")));
  }

  private static String name(EvaluateRequest request) {
    return request.run().value()
        + "/"
        + request.stage()
        + request.beside().map(what -> "/" + what).orElse("");
  }

  /** The recipe of the run that made it: of another run its network may be another. */
  private PipelineRecipe madeBy(PipelineRecipe recipe, CheckpointRef subject) {
    boolean known =
        recipe.stages().stream()
            .anyMatch(
                s -> s instanceof StageRecipe.Import from && from.track().equals(subject.track()));
    return known
        ? recipe
        : bench
            .lineage()
            .run(subject.track().run())
            .map(run -> bench.recipes().read(run.id(), run.recipeDigest()))
            .orElse(recipe);
  }

  private Path fetch(
      EvaluateRequest request, CheckpointRef ref, String part, Path folder, Heartbeat heartbeat)
      throws IOException {
    heartbeat.throwIfStopped();
    heartbeat.advance(Progress.ofPhase(request.stage(), "fetching", ref.track().toString()));
    if (!bench.checkpoints().fetch(ref.id(), part::equals, folder).containsKey(part)) {
      throw FailureMapper.lasting(
          Failures.BAD_CONFIG,
          "checkpoint %s of %s has no part %s".formatted(ref.id().shortForm(), ref.track(), part));
    }
    return folder;
  }

  private static CheckpointRef named(
      Optional<CheckpointRef> ref, StageRecipe.Evaluate stage, String what) {
    return ref.orElseThrow(
        () ->
            FailureMapper.lasting(
                Failures.BAD_CONFIG,
                "stage \"%s\" measures text \"%s\" but was given no %s checkpoint"
                    .formatted(stage.name(), stage.text(), what)));
  }

  private static void beat(Heartbeat heartbeat, String stage, String phase, long done, long of) {
    heartbeat.throwIfStopped();
    heartbeat.advance(Progress.ofImages(stage, phase, done, of));
  }

  private Evaluated commit(
      EvaluateRequest request, EvaluationReport report, List<Integer> knn, Path output)
      throws IOException {
    List<Metric> headlines = Headlines.of(report, knn);
    Files.write(
        output.resolve(EvaluationReport.FILE_NAME),
        json.writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
    ArtifactRef ref =
        bench
            .artifacts()
            .commit(
                new ArtifactDraft(
                    ArtifactKind.EVALUATION,
                    name(request),
                    Optional.of(new ArtifactDraft.MadeBy(request.run(), request.stage())),
                    files(output),
                    Map.of(
                        "format",
                        EvaluationReport.FORMAT,
                        "pictures",
                        "" + report.protocol().pictures()),
                    edges(request),
                    headlines));
    return new Evaluated(ref, headlines);
  }

  private static List<BlobFile> files(Path output) throws IOException {
    List<Path> paths;
    try (Stream<Path> listed = Files.list(output)) {
      paths = listed.sorted().toList();
    }
    List<BlobFile> files = new ArrayList<>();
    for (Path path : paths) {
      byte[] bytes = Files.readAllBytes(path);
      files.add(new BlobFile(path.getFileName().toString(), path, Sha256.of(bytes), bytes.length));
    }
    return files;
  }

  /** One edge to each, though a checkpoint may be measured and see pictures for the text too. */
  private static List<EdgeDraft> edges(EvaluateRequest request) {
    Map<Sha256, EdgeDraft> edges = new LinkedHashMap<>();
    Sha256 source = request.source().version();
    edges.put(source, EdgeDraft.of(EdgeKind.EVALUATED_ON, source));
    Stream.of(request.subjects().stream(), request.text().stream(), request.vision().stream())
        .flatMap(refs -> refs)
        .forEach(
            ref ->
                edges.putIfAbsent(
                    ref.id(),
                    new EdgeDraft(
                        EdgeKind.EVALUATED_ON,
                        ref.id(),
                        Map.of("at_step", Long.toString(ref.step())))));
    return List.copyOf(edges.values());
  }
}
