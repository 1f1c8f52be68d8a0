package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.gate.Gate;
import io.dinoflow.model.gate.Verdict;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.FiringLog;
import io.dinoflow.storage.registry.ModelRegistry;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.EvaluateActivities.EvaluateRequest;
import io.dinoflow.workflow.activity.GatherActivities.Gathered;
import io.dinoflow.workflow.activity.RetrainActivities;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decides from what is committed, and records each decision in the {@link FiringLog}. */
public final class RetrainActivitiesImpl implements RetrainActivities {
  private static final String CHAMPION = "champion";
  private static final String CHALLENGER = "challenger";

  private final Workbench bench;
  private final RetrainReader reader;
  private final ModelRegistry models;
  private final FiringLog firings;
  private final TakenOver results;
  private final GateKeeper gates;
  private final ChampionStart starts;
  private final ObjectMapper json = Payloads.mapper();

  public RetrainActivitiesImpl(
      Workbench bench, RecipeReader recipes, ModelRegistry models, FiringLog firings) {
    this.bench = bench;
    this.reader = new RetrainReader(recipes);
    this.models = models;
    this.firings = firings;
    this.results = new TakenOver(bench.artifacts(), bench.lineage());
    this.gates = new GateKeeper(bench.artifacts(), bench.scratch());
    this.starts = new ChampionStart(recipes, bench.lineage());
  }

  @Override
  public Surveyed survey(Survey request) {
    return FailureMapper.mapped(
        () -> {
          Surveyed read = reader.read(request);
          Surveyed found = read.with(models.find(read.model(), read.alias()).map(this::champion));
          if (firings.find(found.workflow()).isEmpty()) {
            record(
                found,
                Firing.Outcome.DECIDING,
                "it looks at the dataset",
                Optional.empty(),
                Map.of());
          }
          return found;
        });
  }

  private Champion champion(ModelVersion version) {
    RunId run = version.checkpoint().track().run();
    Optional<DatasetRef> source =
        bench.lineage().stages(run).stream()
            .filter(stage -> !stage.resultJson().equals("{}"))
            .map(results::parse)
            .flatMap(result -> result.source().stream())
            .findFirst();
    return new Champion(version.checkpoint(), version.version(), source);
  }

  @Override
  public Weighed weigh(Weigh request) {
    return FailureMapper.mapped(() -> weigh(request.firing(), request.gathered()));
  }

  private Weighed weigh(Surveyed survey, Gathered gathered) {
    starts
        .misfit(survey)
        .ifPresent(
            why -> {
              throw FailureMapper.lasting(Failures.BAD_CONFIG, why);
            });
    if (gathered.union().isEmpty()) {
      return skip(
          survey,
          Optional.empty(),
          "%s; %d %s needed"
              .formatted(
                  found(survey, gathered),
                  survey.newSamplesMin(),
                  survey.newSamplesMin() == 1 ? "is" : "are"));
    }
    DatasetRef union = gathered.union().get();
    Sha256 question = question(survey, union);
    Optional<Firing> answered =
        firings
            .judged(survey.schedule(), question)
            .filter(before -> !before.workflow().equals(survey.workflow()));
    if (answered.isPresent()) {
      return skip(
          survey,
          Optional.of(question),
          "%s, but run %s was trained on just these and %s: %s"
              .formatted(
                  found(survey, gathered),
                  answered.get().run(),
                  answered.get().outcome().word(),
                  answered.get().reason()));
    }
    String reason =
        "%s: training on %,d samples, version %s (%d shards kept, %d added%s)%s"
            .formatted(
                found(survey, gathered),
                union.samples(),
                union.version().shortForm(),
                gathered.shardsKept(),
                gathered.shardsAdded(),
                gathered.gone() == 0
                    ? ""
                    : "; %,d samples are gone from it and kept".formatted(gathered.gone()),
                beginning(survey));
    record(survey, Firing.Outcome.TRAINING, reason, Optional.of(question), Map.of());
    ObjectNode pipeline = survey.pipeline().deepCopy();
    pipeline.put("data", "dataset:%s@%s".formatted(union.name(), union.version()));
    ChampionStart.of(survey).ifPresent(champion -> starts.write(survey, champion, pipeline));
    return new Weighed(true, reason, pipeline);
  }

  private static String beginning(Surveyed survey) {
    if (survey.from() == From.SCRATCH) {
      return "";
    }
    return ChampionStart.of(survey)
        .map(
            champion ->
                ", going on from version %d, checkpoint %s"
                    .formatted(champion.version(), champion.checkpoint().id().shortForm()))
        .orElse(", from scratch as there is no %s to go on from".formatted(survey.alias()));
  }

  private static String found(Surveyed survey, Gathered gathered) {
    String fresh =
        "%s: %,d of %,d samples %s new"
                .formatted(
                    gathered.account(),
                    gathered.fresh(),
                    gathered.present(),
                    gathered.fresh() == 1 ? "is" : "are")
            + (gathered.quarantined() == 0
                ? ""
                : ", %,d more cannot be read".formatted(gathered.quarantined()));
    return survey
        .champion()
        .map(
            champion ->
                "%s to %s of %s, version %d, trained by %s"
                    .formatted(
                        fresh,
                        survey.alias(),
                        survey.model(),
                        champion.version(),
                        champion.checkpoint().track().run()))
        .orElseGet(
            () -> "%s, and %s has no %s yet".formatted(fresh, survey.model(), survey.alias()));
  }

  /** What a firing asks: an equal question has an equal answer. */
  private Sha256 question(Surveyed survey, DatasetRef union) {
    List<String> facts =
        new ArrayList<>(
            List.of(
                survey.pipeline().toString(),
                union.version().hex(),
                survey.champion().map(c -> c.checkpoint().id().hex()).orElse("none"),
                survey.model(),
                survey.alias(),
                survey.subject(),
                survey.gate()));
    // left out where it is not asked for, so that questions of earlier editions stay the same
    ChampionStart.of(survey).ifPresent(champion -> facts.add("from champion"));
    return Sha256.ofText(String.join("\n", facts));
  }

  private Weighed skip(Surveyed survey, Optional<Sha256> question, String reason) {
    record(survey, Firing.Outcome.SKIPPED, reason, question, Map.of());
    return new Weighed(false, reason, json.createObjectNode());
  }

  private void record(
      Surveyed survey,
      Firing.Outcome outcome,
      String reason,
      Optional<Sha256> question,
      Map<String, Double> numbers) {
    firings.record(
        new Firing(
            survey.workflow(),
            survey.schedule(),
            Instant.ofEpochMilli(survey.firedAtMillis()),
            survey.run(),
            outcome,
            reason,
            question,
            numbers,
            Optional.empty()));
  }

  @Override
  public Trial trial(Surveyed firing) {
    return FailureMapper.mapped(() -> tried(firing));
  }

  private Trial tried(Surveyed firing) {
    RunRow run = bench.lineage().run(firing.run()).orElseThrow();
    PipelineRecipe recipe = bench.recipes().read(run.id(), run.recipeDigest());
    List<StageResult> made =
        bench.lineage().stages(run.id()).stream()
            .filter(stage -> !stage.resultJson().equals("{}"))
            .map(results::parse)
            .toList();
    int slash = firing.subject().indexOf('/');
    String stage = slash < 0 ? firing.subject() : firing.subject().substring(0, slash);
    CheckpointRef challenger =
        result(made, stage)
            .checkpoint(
                slash < 0 ? Optional.empty() : Optional.of(firing.subject().substring(slash + 1)));
    StageRecipe.Evaluate evaluate = recipe.stage(firing.evaluation(), StageRecipe.Evaluate.class);
    Optional<CheckpointRef> champion =
        firing
            .champion()
            .filter(c -> RetrainReader.gate(firing, evaluate).needsChampion())
            .map(Champion::checkpoint)
            .filter(c -> !c.id().equals(challenger.id()));
    StagePlan plan =
        Plans.of(recipe).stream()
            .filter(p -> p.name().equals(evaluate.name()))
            .findFirst()
            .orElseThrow();
    return new Trial(
        challenger,
        result(made, evaluate.name()).evaluation().orElseThrow(),
        champion.map(
            c ->
                new EvaluateRequest(
                    run.id(),
                    evaluate.name(),
                    run.recipeDigest(),
                    result(made, plan.dataset()).source().orElseThrow(),
                    List.of(c),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(CHAMPION))));
  }

  private static StageResult result(List<StageResult> made, String stage) {
    return made.stream()
        .filter(result -> result.stage().equals(stage))
        .findFirst()
        .orElseThrow(
            () ->
                FailureMapper.lasting(
                    Failures.BAD_CONFIG,
                    "the run has no result of stage %s; it has %s"
                        .formatted(stage, made.stream().map(StageResult::stage).toList())));
  }

  @Override
  public Judged judge(Judge request) {
    return FailureMapper.mapped(
        () -> {
          Surveyed firing = request.firing();
          RunRow run = bench.lineage().run(firing.run()).orElseThrow();
          StageRecipe.Evaluate stage =
              bench
                  .recipes()
                  .read(run.id(), run.recipeDigest())
                  .stage(firing.evaluation(), StageRecipe.Evaluate.class);
          Gate gate = RetrainReader.gate(firing, stage);
          CheckpointRef challenger = request.trial().challenger();
          Sha256 report = request.trial().report().id();
          Optional<GateKeeper.Side> champion =
              firing
                  .champion()
                  .filter(c -> gate.needsChampion())
                  .map(
                      c ->
                          new GateKeeper.Side(
                              request.championReport().map(ref -> ref.id()).orElse(report),
                              c.checkpoint().id()));
          Verdict verdict =
              gates.judge(gate, new GateKeeper.Side(report, challenger.id()), champion);
          ModelVersion version =
              models.register(firing.model(), challenger.id(), Optional.of(report));
          models.promote(
              firing.model(),
              version.version(),
              CHALLENGER,
              new Promotion.Decision(
                  "schedule " + firing.schedule(), "made by run " + run.id(), verdict.numbers()));
          return new Judged(verdict.passed(), version.version(), verdict.text(), verdict.numbers());
        });
  }

  @Override
  public String settle(Settle request) {
    return FailureMapper.mapped(
        () -> {
          Firing.Outcome wanted = Firing.Outcome.valueOf(request.settlement().name());
          boolean done =
              firings
                  .find(request.firing().workflow())
                  .filter(before -> before.outcome() == wanted)
                  .isPresent();
          if (wanted == Firing.Outcome.PROMOTED && !done) {
            return promoted(request);
          }
          String said = said(request);
          record(request.firing(), wanted, said, Optional.empty(), request.numbers());
          return said;
        });
  }

  /** Nobody is replaced but the champion that the challenger was compared with. */
  private String promoted(Settle request) {
    Surveyed firing = request.firing();
    Optional<Integer> judged = firing.champion().map(Champion::version);
    Optional<Integer> serving =
        models.find(firing.model(), firing.alias()).map(ModelVersion::version);
    int version = request.version().orElseThrow();
    if (!serving.equals(judged) && !serving.equals(Optional.of(version))) {
      String said =
          "version %d was judged against %s, but %s points at %s by now: nothing was promoted"
              .formatted(
                  version,
                  judged.map(v -> "version " + v).orElse("no champion"),
                  firing.alias(),
                  serving.map(v -> "version " + v).orElse("nothing"));
      record(firing, Firing.Outcome.REFUSED, said, Optional.empty(), request.numbers());
      return said;
    }
    models.promote(
        firing.model(),
        version,
        firing.alias(),
        new Promotion.Decision(request.who(), request.why(), request.numbers()));
    String said = said(request);
    record(firing, Firing.Outcome.PROMOTED, said, Optional.empty(), request.numbers());
    return said;
  }

  private static String said(Settle request) {
    Surveyed firing = request.firing();
    String version =
        request.version().map(v -> "version %d of %s".formatted(v, firing.model())).orElse("");
    return switch (request.settlement()) {
      case PROMOTED ->
          "%s is %s since %s said so: %s"
              .formatted(version, firing.alias(), request.who(), request.why());
      case ASKED ->
          "%s passes the gate and waits for an answer, at most %d hours: %s"
              .formatted(version, firing.askHoursMax(), request.why());
      case REFUSED -> "%s was refused by the gate: %s".formatted(version, request.why());
      case REJECTED -> "%s was rejected by %s: %s".formatted(version, request.who(), request.why());
      case FAILED, CANCELLED -> request.why();
    };
  }
}
