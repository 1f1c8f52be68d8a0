package io.dinoflow.activity.run;

import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.StudentRecipe;
import io.dinoflow.workflow.activity.StageKind;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What workflows need of a recipe: order, references and counts of steps. */
final class Plans {
  private final PipelineRecipe recipe;

  private Plans(PipelineRecipe recipe) {
    this.recipe = recipe;
  }

  static List<StagePlan> of(PipelineRecipe recipe) {
    Plans plans = new Plans(recipe);
    return recipe.stages().stream().map(plans::plan).toList();
  }

  private StagePlan plan(StageRecipe stage) {
    return stage.match(
        new StageRecipe.Cases<>() {
          @Override
          public StagePlan curate(StageRecipe.Curate curate) {
            return plan(curate, StageKind.CURATE, "", Optional.empty(), Optional.empty(), 0, 0);
          }

          @Override
          public StagePlan train(StageRecipe.Train train) {
            long first = recipe.firstStep(train);
            StagePlan plain =
                plan(
                    train,
                    StageKind.TRAIN,
                    train.dataset(),
                    origin(train.start()),
                    Optional.empty(),
                    first,
                    first + train.steps());
            return new StagePlan(
                plain.name(),
                plain.kind(),
                plain.inputs(),
                plain.dataset(),
                plain.origin(),
                plain.originStudent(),
                plain.firstStep(),
                plain.lastStep(),
                gram(train),
                List.of(),
                List.of(),
                Optional.empty());
          }

          @Override
          public StagePlan distill(StageRecipe.Distill distill) {
            List<GroupPlan> groups =
                distill.groups().stream()
                    .map(
                        g ->
                            new GroupPlan(
                                g.name(), g.students().stream().map(StudentRecipe::name).toList()))
                    .toList();
            return new StagePlan(
                distill.name(),
                StageKind.DISTILL,
                distill.needs(),
                distill.dataset(),
                Optional.of(distill.teacher()),
                Optional.empty(),
                0,
                distill.steps(),
                Optional.empty(),
                groups,
                List.of(),
                Optional.empty());
          }

          @Override
          public StagePlan alignText(StageRecipe.AlignText align) {
            return plan(
                align,
                StageKind.ALIGN_TEXT,
                align.dataset(),
                Optional.of(align.vision()),
                student(align),
                0,
                align.steps());
          }

          @Override
          public StagePlan evaluate(StageRecipe.Evaluate evaluate) {
            return Plans.this.evaluate(evaluate);
          }

          @Override
          public StagePlan importModel(StageRecipe.Import from) {
            return plan(from, StageKind.IMPORT, "", Optional.empty(), Optional.empty(), 0, 0);
          }
        });
  }

  private static StagePlan plan(
      StageRecipe stage,
      StageKind kind,
      String dataset,
      Optional<String> origin,
      Optional<String> originStudent,
      long firstStep,
      long lastStep) {
    return new StagePlan(
        stage.name(),
        kind,
        stage.needs(),
        dataset,
        origin,
        originStudent,
        firstStep,
        lastStep,
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  /**
   * Measured on the source images of the dataset that its first subject was trained on here; where
   * all were imported, on those of the first Curate stage.
   */
  private StagePlan evaluate(StageRecipe.Evaluate evaluate) {
    String dataset =
        evaluate.subjects().stream()
            .map(this::datasetOf)
            .filter(name -> !name.isEmpty())
            .findFirst()
            .or(() -> Optional.of(evaluate.text()).filter(t -> !t.isEmpty()).map(this::datasetOf))
            .orElseGet(this::firstDataset);
    Optional<StageRecipe.AlignText> align =
        evaluate.text().isEmpty()
            ? Optional.empty()
            : Optional.of(recipe.stage(evaluate.text(), StageRecipe.AlignText.class));
    Set<String> inputs = new LinkedHashSet<>(evaluate.needs());
    if (!dataset.isEmpty()) {
      inputs.add(dataset);
    }
    align.ifPresent(a -> inputs.add(a.vision()));
    return new StagePlan(
        evaluate.name(),
        StageKind.EVALUATE,
        List.copyOf(inputs),
        dataset,
        align.map(StageRecipe.AlignText::vision),
        align.flatMap(Plans::student),
        0,
        0,
        Optional.empty(),
        List.of(),
        evaluate.subjects(),
        align.map(StageRecipe.AlignText::name));
  }

  private String datasetOf(String subject) {
    StageRecipe stage = recipe.stage(subject).orElseThrow();
    if (stage instanceof StageRecipe.Train train) {
      return train.dataset();
    }
    if (stage instanceof StageRecipe.Distill distill) {
      return distill.dataset();
    }
    return stage instanceof StageRecipe.AlignText align ? align.dataset() : "";
  }

  private String firstDataset() {
    return recipe.stages().stream()
        .filter(StageRecipe.Curate.class::isInstance)
        .map(StageRecipe::name)
        .findFirst()
        .orElse("");
  }

  private static Optional<String> student(StageRecipe.AlignText align) {
    return Optional.of(align.student()).filter(s -> !s.isEmpty());
  }

  /** The stage of this run that a start names. */
  static Optional<String> origin(Start start) {
    return start.match(
        new Start.Cases<>() {
          @Override
          public Optional<String> fresh(Start.Fresh fresh) {
            return Optional.empty();
          }

          @Override
          public Optional<String> resume(Start.Continue from) {
            return Optional.of(from.from());
          }

          @Override
          public Optional<String> fromTeacher(Start.FromTeacher from) {
            return Optional.of(from.from());
          }

          /** Of no stage of this run: the activity finds it by its id. */
          @Override
          public Optional<String> fromCheckpoint(Start.FromCheckpoint from) {
            return Optional.empty();
          }
        });
  }

  private static Optional<GramPlan> gram(StageRecipe.Train train) {
    return train
        .gram()
        .match(
            new GramTeacherRecipe.Cases<>() {
              @Override
              public Optional<GramPlan> none() {
                return Optional.empty();
              }

              @Override
              public Optional<GramPlan> fromCheckpoint(GramTeacherRecipe.FromCheckpoint from) {
                return Optional.of(new GramPlan(from.from(), 0, 0));
              }

              @Override
              public Optional<GramPlan> refreshedEvery(GramTeacherRecipe.RefreshedEvery every) {
                return Optional.of(
                    new GramPlan(
                        origin(train.start()).orElseThrow(),
                        every.updateFrequency(),
                        every.maxUpdates()));
              }
            });
  }

  /** All stages that {@code stage} depends on, directly or not. */
  static List<StageRecipe> ancestors(PipelineRecipe recipe, StageRecipe stage) {
    Set<String> names = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(stage.needs());
    while (!open.isEmpty()) {
      String name = open.remove(0);
      if (names.add(name)) {
        open.addAll(recipe.stage(name).orElseThrow().needs());
      }
    }
    return recipe.stages().stream().filter(s -> names.contains(s.name())).toList();
  }
}
