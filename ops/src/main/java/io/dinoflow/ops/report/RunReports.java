package io.dinoflow.ops.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.recipe.io.RecipeProblemsException;
import io.dinoflow.storage.blob.BlobGoneException;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StageResult;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gathers the facts of a run into its {@link RunReport}. A fact that is damaged or not there yet is
 * named as missing; a service that does not answer fails the call, because trying again helps.
 */
public final class RunReports {
  private static final int LINEAGE_DEPTH_MAX = 100_000;
  private static final int LINEAGE_NODES_MAX = 5_000;

  private final RunFacts facts;
  private final Clock clock;

  public RunReports(RunFacts facts, Clock clock) {
    this.facts = facts;
    this.clock = clock;
  }

  /**
   * @throws UnknownIdException no such run
   * @throws IOException the local disk failed
   */
  public RunReport of(RunId run) throws IOException {
    return gathering(run).gather();
  }

  /**
   * How the run stands, from the database alone: no evaluation, lineage or environment, whose files
   * lie in the object store. For a page that is looked at every few seconds.
   *
   * @throws UnknownIdException no such run
   */
  public RunReport progressOf(RunId run) {
    return gathering(run).gatherProgress();
  }

  private Gathering gathering(RunId run) {
    RunRow row =
        facts
            .run(run)
            .orElseThrow(() -> new UnknownIdException("no run %s was ever opened".formatted(run)));
    return new Gathering(row, clock.instant());
  }

  /** One report in the making. */
  private final class Gathering {
    private final RunRow run;
    private final Instant now;
    private final List<String> missing = new ArrayList<>();
    private final Optional<PipelineRecipe> recipe;
    private final Map<Sha256, Ancestry> ancestries = new HashMap<>();

    Gathering(RunRow run, Instant now) {
      this.run = run;
      this.now = now;
      this.recipe = recipe();
    }

    RunReport gatherProgress() {
      List<RunReport.Stage> stages = stages();
      List<Event> events = facts.events(run.id());
      return new RunReport(
          run,
          recipe,
          RunClock.active(events, run.closedAt().orElse(now)),
          stages,
          chapters(stages),
          Optional.empty(),
          List.of(),
          List.of(),
          events,
          missing,
          now);
    }

    RunReport gather() throws IOException {
      List<RunReport.Stage> stages = stages();
      List<CheckpointRow> finals = finals(stages);
      List<LineageTree> lineage =
          finals.stream()
              .map(row -> LineageTree.of(row.ref().id(), ancestry(row.ref().id())))
              .toList();
      List<Event> events = facts.events(run.id());
      return new RunReport(
          run,
          recipe,
          RunClock.active(events, run.closedAt().orElse(now)),
          stages,
          chapters(stages),
          evaluation(stages),
          lineage,
          environments(stages),
          events,
          missing,
          now);
    }

    private Optional<PipelineRecipe> recipe() {
      try {
        return Optional.of(RecipeFormat.parse(run.recipeJson()));
      } catch (RecipeProblemsException e) {
        missing.add(
            "The recipe cannot be read by this version, so stages that never began are not listed: "
                + e.getMessage());
        return Optional.empty();
      }
    }

    private List<RunReport.Stage> stages() {
      Map<String, StageRow> begun = new LinkedHashMap<>();
      facts.stages(run.id()).forEach(row -> begun.put(row.name(), row));
      Set<String> names = new LinkedHashSet<>();
      recipe.ifPresent(r -> r.stages().forEach(stage -> names.add(stage.name())));
      names.addAll(begun.keySet());
      List<CheckpointRow> own = facts.checkpoints(run.id());
      List<RunReport.Stage> stages = new ArrayList<>();
      for (String name : names) {
        StageRow row = begun.get(name);
        stages.add(row == null ? unbegun(name) : stage(row, own));
      }
      return stages;
    }

    private RunReport.Stage unbegun(String name) {
      return new RunReport.Stage(
          name,
          recipe.flatMap(r -> r.stage(name)).map(RunReports::kind).orElse(""),
          RunState.WAITING,
          "",
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Map.of());
    }

    private RunReport.Stage stage(StageRow row, List<CheckpointRow> own) {
      Optional<StageResult> result = result(row);
      Set<TrackId> tracks = new LinkedHashSet<>();
      result.ifPresent(
          r -> r.checkpoints().stream().map(CheckpointRef::track).forEach(tracks::add));
      own.stream()
          .map(checkpoint -> checkpoint.ref().track())
          .filter(track -> track.stage().equals(row.name()))
          .forEach(tracks::add);
      Map<String, String> about = new HashMap<>();
      result
          .flatMap(StageResult::source)
          .map(DatasetRef::version)
          .flatMap(facts::artifact)
          .ifPresent(source -> about.putAll(source.facts()));
      return new RunReport.Stage(
          row.name(),
          row.kind(),
          row.state(),
          row.reason(),
          row.startedAt()
              .map(from -> Duration.between(from, row.finishedAt().orElse(end(row, from)))),
          row.reusedFrom(),
          result,
          tracks.stream().map(track -> track(track, row)).toList(),
          about);
    }

    /** Where a stage that has no end yet is looked at. */
    private Instant end(StageRow row, Instant from) {
      Instant end = row.state() == RunState.RUNNING ? now : run.updatedAt();
      return end.isBefore(from) ? from : end;
    }

    private Optional<StageResult> result(StageRow row) {
      if (row.state() != RunState.DONE) {
        return Optional.empty();
      }
      try {
        return Optional.of(Payloads.mapper().readValue(row.resultJson(), StageResult.class));
      } catch (JsonProcessingException e) {
        missing.add(
            "The result of stage %s cannot be read: %s"
                .formatted(row.name(), e.getOriginalMessage()));
        return Optional.empty();
      }
    }

    private RunReport.Track track(TrackId track, StageRow stage) {
      List<RunReport.Checkpoint> checkpoints =
          facts.checkpoints(track).stream()
              .map(row -> new RunReport.Checkpoint(row, facts.metrics(row.ref().id())))
              .toList();
      return new RunReport.Track(
          track, checkpoints, facts.series(track), refreshes(checkpoints, stage));
    }

    /**
     * Where the Gram teacher changed. A checkpoint's edge names the teacher of the steps that led
     * to it, so the change lies at its predecessor's step.
     */
    private List<RunReport.Refresh> refreshes(
        List<RunReport.Checkpoint> checkpoints, StageRow stage) {
      if (checkpoints.isEmpty() || !stage.kind().equals("train")) {
        return List.of();
      }
      Sha256 last = checkpoints.get(checkpoints.size() - 1).row().ref().id();
      Ancestry ancestry = ancestry(last);
      Map<Sha256, Ancestry.Edge> teachers = new HashMap<>();
      ancestry.edges().stream()
          .filter(edge -> edge.kind() == EdgeKind.GRAM_TEACHER)
          .forEach(edge -> teachers.put(edge.from(), edge));
      Map<Sha256, String> names = new HashMap<>();
      ancestry
          .nodes()
          .forEach(node -> names.put(node.artifact().ref().id(), node.artifact().name()));
      List<RunReport.Refresh> refreshes = new ArrayList<>();
      Optional<Sha256> before = Optional.empty();
      long from = firstStep(stage.name());
      for (RunReport.Checkpoint checkpoint : checkpoints) {
        Ancestry.Edge edge = teachers.get(checkpoint.row().ref().id());
        if (edge != null && !before.equals(Optional.of(edge.to()))) {
          refreshes.add(
              new RunReport.Refresh(
                  from, edge.to(), names.getOrDefault(edge.to(), edge.to().shortForm())));
          before = Optional.of(edge.to());
        }
        from = checkpoint.row().ref().step();
      }
      return refreshes;
    }

    private long firstStep(String stage) {
      return recipe
          .flatMap(
              r ->
                  r.stage(stage)
                      .filter(StageRecipe.Train.class::isInstance)
                      .map(s -> r.firstStep((StageRecipe.Train) s)))
          .orElse(0L);
    }

    private Ancestry ancestry(Sha256 id) {
      return ancestries.computeIfAbsent(
          id,
          asked ->
              facts.ancestry(asked, Ancestry.Direction.UP, LINEAGE_DEPTH_MAX, LINEAGE_NODES_MAX));
    }

    /** A stage's tracks, joined with those of the stage it continues. */
    private List<RunReport.Chapter> chapters(List<RunReport.Stage> stages) {
      Map<String, List<RunReport.Track>> byBeginning = new LinkedHashMap<>();
      for (RunReport.Stage stage : stages) {
        for (RunReport.Track track : stage.tracks()) {
          String beginning =
              track.id().student().isPresent() ? track.name() : beginning(stage.name());
          byBeginning.computeIfAbsent(beginning, name -> new ArrayList<>()).add(track);
        }
      }
      return byBeginning.values().stream()
          .map(
              tracks ->
                  new RunReport.Chapter(
                      String.join(", ", tracks.stream().map(RunReport.Track::name).toList()),
                      tracks))
          .toList();
    }

    private String beginning(String stage) {
      return recipe
          .flatMap(r -> r.stage(stage))
          .filter(StageRecipe.Train.class::isInstance)
          .map(s -> ((StageRecipe.Train) s).start())
          .filter(Start.Continue.class::isInstance)
          .map(start -> beginning(((Start.Continue) start).from()))
          .orElse(stage);
    }

    /** The last checkpoint of every track from which no other track of the run went on. */
    private List<CheckpointRow> finals(List<RunReport.Stage> stages) {
      Map<Sha256, CheckpointRow> last = new LinkedHashMap<>();
      for (RunReport.Stage stage : stages) {
        for (RunReport.Track track : stage.tracks()) {
          if (!track.checkpoints().isEmpty()) {
            CheckpointRow row = head(track);
            last.put(row.ref().id(), row);
          }
        }
      }
      Set<Sha256> used = new LinkedHashSet<>();
      for (Sha256 id : last.keySet()) {
        ancestry(id).nodes().stream()
            .map(node -> node.artifact().ref().id())
            .filter(other -> !other.equals(id))
            .forEach(used::add);
      }
      last.keySet().removeAll(used);
      return List.copyOf(last.values());
    }

    private CheckpointRow head(RunReport.Track track) {
      List<RunReport.Checkpoint> all = track.checkpoints();
      return all.stream()
          .map(RunReport.Checkpoint::row)
          .filter(CheckpointRow::head)
          .findFirst()
          .orElse(all.get(all.size() - 1).row());
    }

    private List<Environment> environments(List<RunReport.Stage> stages) {
      Set<Environment> found = new LinkedHashSet<>();
      for (RunReport.Stage stage : stages) {
        for (RunReport.Track track : stage.tracks()) {
          if (!track.checkpoints().isEmpty()) {
            CheckpointRow row = head(track);
            manifest(row).map(Manifest::environment).ifPresent(found::add);
          }
        }
      }
      return List.copyOf(found);
    }

    private Optional<Manifest> manifest(CheckpointRow row) {
      try {
        return facts.manifest(row.ref().id());
      } catch (DamagedBlobException | BlobGoneException e) {
        missing.add(
            "What computed %s is not known: %s"
                .formatted(row.ref().id().shortForm(), e.getMessage()));
        return Optional.empty();
      }
    }

    private Optional<Measured> evaluation(List<RunReport.Stage> stages) throws IOException {
      Optional<RunReport.Stage> stage =
          stages.stream().filter(s -> s.kind().equals("evaluate")).reduce((first, last) -> last);
      if (stage.isEmpty()) {
        missing.add("No evaluation: the recipe has no evaluate stage.");
        return Optional.empty();
      }
      Optional<ArtifactRef> artifact = stage.get().result().flatMap(StageResult::evaluation);
      if (artifact.isEmpty()) {
        missing.add(
            "No evaluation: stage %s is %s%s."
                .formatted(
                    stage.get().name(),
                    stage.get().state().word(),
                    stage.get().reason().isEmpty() ? "" : " (" + stage.get().reason() + ")"));
        return Optional.empty();
      }
      try {
        return Optional.of(facts.evaluation(artifact.get().id()));
      } catch (DamagedBlobException
          | BlobGoneException
          | UnknownIdException
          | IllegalArgumentException e) {
        missing.add(
            "The evaluation %s cannot be read: %s"
                .formatted(artifact.get().id().shortForm(), e.getMessage()));
        return Optional.empty();
      }
    }
  }

  /** A stage's kind, as the tables spell it. */
  static String kind(StageRecipe stage) {
    return stage.match(
        new StageRecipe.Cases<>() {
          @Override
          public String curate(StageRecipe.Curate s) {
            return "curate";
          }

          @Override
          public String train(StageRecipe.Train s) {
            return "train";
          }

          @Override
          public String distill(StageRecipe.Distill s) {
            return "distill";
          }

          @Override
          public String alignText(StageRecipe.AlignText s) {
            return "align_text";
          }

          @Override
          public String evaluate(StageRecipe.Evaluate s) {
            return "evaluate";
          }

          @Override
          public String importModel(StageRecipe.Import s) {
            return "import";
          }
        });
  }
}
