package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.workflow.activity.StageKind;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlansTest {
  private static final PipelineRecipe RECIPE = Chain.recipe();
  private static final List<StagePlan> PLANS = Plans.of(RECIPE);

  @Test
  void keepsTheRecipesOrderAndKinds() {
    assertThat(PLANS)
        .extracting(StagePlan::name)
        .containsExactly("curate", "pretrain", "gram", "highres", "distill", "align", "evaluate");
    assertThat(PLANS)
        .extracting(StagePlan::kind)
        .containsExactly(
            StageKind.CURATE,
            StageKind.TRAIN,
            StageKind.TRAIN,
            StageKind.TRAIN,
            StageKind.DISTILL,
            StageKind.ALIGN_TEXT,
            StageKind.EVALUATE);
  }

  @Test
  void countsStepsOnFromWhatIsContinuedAndFromZeroOtherwise() {
    assertThat(plan("pretrain").firstStep()).isZero();
    assertThat(plan("pretrain").lastStep()).isEqualTo(12);
    assertThat(plan("gram").firstStep()).isEqualTo(12);
    assertThat(plan("gram").lastStep()).isEqualTo(18);
    assertThat(plan("highres").firstStep()).isZero();
    assertThat(plan("highres").lastStep()).isEqualTo(4);
    assertThat(plan("distill").lastStep()).isEqualTo(6);
    assertThat(plan("evaluate").lastStep()).isZero();
  }

  @Test
  void namesWhatEachStageStartsFromAndIsMadeFrom() {
    assertThat(plan("curate").inputs()).isEmpty();
    assertThat(plan("pretrain").inputs()).containsExactly("curate");
    assertThat(plan("pretrain").origin()).isEmpty();
    assertThat(plan("gram").inputs()).contains("curate", "pretrain");
    assertThat(plan("gram").origin()).contains("pretrain");
    assertThat(plan("highres").inputs()).contains("curate", "gram");
    assertThat(plan("distill").origin()).contains("highres");
    assertThat(plan("align").origin()).contains("distill");
    assertThat(plan("align").originStudent()).contains("vit");
    assertThat(plan("align").dataset()).isEqualTo("curate");
    StagePlan evaluate = plan("evaluate");
    assertThat(evaluate.inputs())
        .containsExactlyInAnyOrder("pretrain", "distill", "align", "curate");
    assertThat(evaluate.dataset()).isEqualTo("curate");
    assertThat(evaluate.subjects()).containsExactly("pretrain", "distill");
    assertThat(evaluate.text()).contains("align");
    assertThat(evaluate.origin()).contains("distill");
    assertThat(evaluate.originStudent()).contains("vit");
  }

  @Test
  void plansWhichGramTeacherServesWhen() {
    assertThat(plan("pretrain").gram()).isEmpty();
    assertThat(plan("gram").gram()).contains(new GramPlan("pretrain", 2, 2));
    assertThat(plan("highres").gram()).contains(new GramPlan("gram", 0, 0));
  }

  @Test
  void keepsTheStudentsOfAGroupTogether() {
    assertThat(plan("distill").groups())
        .containsExactly(new GroupPlan("small", List.of("vit", "slim")));
  }

  @Test
  void findsAncestorsThroughAllInputsInTheRecipesOrder() {
    StageRecipe highres = RECIPE.stage("highres").orElseThrow();
    assertThat(Plans.ancestors(RECIPE, highres))
        .extracting(StageRecipe::name)
        .containsExactly("curate", "pretrain", "gram");
    assertThat(Plans.ancestors(RECIPE, RECIPE.stage("curate").orElseThrow())).isEmpty();
  }

  private static StagePlan plan(String name) {
    Optional<StagePlan> plan = PLANS.stream().filter(p -> p.name().equals(name)).findFirst();
    return plan.orElseThrow();
  }
}
