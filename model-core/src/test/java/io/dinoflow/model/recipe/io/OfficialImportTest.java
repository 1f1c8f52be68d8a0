package io.dinoflow.model.recipe.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.Schedule;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.StudentRecipe;
import io.dinoflow.model.recipe.io.OfficialImport.Source;
import io.dinoflow.model.recipe.io.OfficialKey.Fate;
import io.dinoflow.model.recipe.io.OfficialKey.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OfficialImportTest {
  private static final String PRETRAIN =
      """
      dino: {head_n_prototypes: 1024, koleo_loss_distributed: false}
      train: {batch_size_per_gpu: 16, OFFICIAL_EPOCH_LENGTH: 100, compile: true, dataset_path: "ImageNet:split=TRAIN", seed: 5}
      student: {arch: vit_small, patch_size: 16, drop_path_rate: 0.1, norm_layer: layernormbf16, n_storage_tokens: 4, mask_k_bias: true}
      optim: {epochs: 50, lr: null, clip_grad: 30.0}
      schedules:
        lr: {start: 0, peak: 5e-05, end: 5.0e-05, warmup_epochs: 10, freeze_last_layer_epochs: 2}
        weight_decay: {start: 0.04, peak: 0.04, end: 0.04, warmup_epochs: 0}
        teacher_temp: {start: 0.04, peak: 0.07, end: 0.07, warmup_epochs: 10}
        momentum: {start: 0.994, peak: 0.994, end: 1.0, warmup_epochs: 0}
      """;
  private static final String GRAM =
      PRETRAIN.replace("epochs: 50", "epochs: 60")
          + """
          gram:
            use_loss: true
            img_level: true
            it_first_update: 5200
            update_frequency: 200
            max_updates: 3
            ckpt: ignore
            loss_weight_schedule: {start: 0, peak: 0, end: 2.0, warmup_epochs: 50, cosine_epochs: 1}
          crops: {global_crops_size: 256, local_crops_size: 112, gram_teacher_crops_size: 512}
          """;
  private static final String HIGH_RESOLUTION =
      PRETRAIN.replace("epochs: 50", "epochs: 20")
          + """
          gram: {use_loss: true, rep_update: false, it_first_update: 5200, update_frequency: 200}
          crops:
            global_crops_size: [512, 768]
            local_crops_size: [112, 336]
            gram_teacher_crops_size: [768, 1152]
            global_local_crop_pairs_ratios: [0.7, 0.3]
          """;
  private static final String DISTILL =
      """
      MODEL: {META_ARCHITECTURE: MultiDistillationMetaArch}
      dino: {head_n_prototypes: 1024}
      student: {norm_layer: layernormbf16, n_storage_tokens: 4, drop_path_rate: 0.0}
      distillation: {enabled: true, full_cfg_path: a/b.yaml}
      multidistillation:
        enabled: true
        global_batch_size: 96
        students:
          - {name: vits_mlp4_4, config_path: x.yaml, ranks_range: [0, 4]}
          - {name: vitsp_swiglu6_1, config_path: y.yaml, ranks_range: [4, 8]}
          - {name: convnext_tiny, config_path: z.yaml, ranks_range: [8, 12]}
      optim: {epochs: 12}
      """;

  private static OfficialImport.Result imported(int gpus, String... files) {
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < files.length; i++) {
      sources.add(new Source("file" + i + ".yaml", files[i]));
    }
    return OfficialImport.of("imported", sources, gpus);
  }

  private static StageRecipe.Train train(PipelineRecipe recipe, String stage) {
    return recipe.stage(stage, StageRecipe.Train.class);
  }

  private static OfficialKey key(OfficialImport.Result result, String key) {
    return result.keys().stream().filter(k -> k.key().equals(key)).findFirst().orElseThrow();
  }

  @Test
  void epochsBecomeStepsAndTheRateIsScaledToTheWholeBatch() {
    OfficialImport.Result result = imported(64, PRETRAIN);

    StageRecipe.Train train = train(result.recipe(), "pretrain");
    assertThat(train.steps()).isEqualTo(5000);
    assertThat(train.batchSize()).isEqualTo(1024);
    assertThat(train.optim().lr().peak()).isCloseTo(2e-4, within(1e-12));
    assertThat(train.optim().lr().warmupSteps()).isEqualTo(1000);
    assertThat(train.optim().freezeLastLayerSteps()).isEqualTo(200);
    assertThat(train.optim().momentum().cosineSteps()).as("fills the run").isEqualTo(5000);
    assertThat(train.losses().koleoGroupSize()).as("each GPU's own rows").isEqualTo(16);
    assertThat(result.recipe().seed()).isEqualTo(5);
    BackboneRecipe.Vit student = (BackboneRecipe.Vit) ((Start.Fresh) train.start()).student();
    assertThat(student.embedDim()).isEqualTo(384);
    assertThat(student.posEmbedRopeRescaleCoords()).isZero();
    assertThat(RecipeFormat.parse(result.yaml())).isEqualTo(result.recipe());
  }

  @Test
  void everyKeyIsAccountedForAndDefaultsAreShownAsSuch() {
    OfficialImport.Result result = imported(1, PRETRAIN);

    assertThat(key(result, "optim.clip_grad").origin()).isEqualTo(Origin.FILE);
    assertThat(key(result, "optim.adamw_beta2"))
        .isEqualTo(
            new OfficialKey(
                "file0.yaml",
                "optim.adamw_beta2",
                "0.999",
                Origin.DEFAULT,
                Fate.MAPPED,
                "optim.adamw_beta2"));
    assertThat(train(result.recipe(), "pretrain").optim().adamwBeta2()).isEqualTo(0.999);
    assertThat(key(result, "train.compile").fate()).isEqualTo(Fate.NOT_HONOURED);
    assertThat(key(result, "train.dataset_path").remark()).contains("data.source");
    assertThat(key(result, "optim.lr").remark()).contains("schedules section");
    assertThat(key(result, "schedules.momentum.end").remark()).isEqualTo("optim.momentum");
    assertThat(result.keys()).noneMatch(k -> k.fate() == Fate.UNKNOWN);
    assertThat(result.keys().stream().map(OfficialKey::key)).doesNotHaveDuplicates();
    assertThat(result.keys().stream().map(OfficialKey::key))
        .containsAll(OfficialTable.defaults().keySet());
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestOne() {
    OfficialImport.Result result = imported(1, PRETRAIN + "optimm: {clip_grd: 3}\nnew_part: {}\n");

    assertThat(key(result, "optimm.clip_grd").fate()).isEqualTo(Fate.UNKNOWN);
    assertThat(key(result, "optimm.clip_grd").remark())
        .contains("did you mean \"optim.clip_grad\"");
    assertThat(key(result, "new_part").fate()).isEqualTo(Fate.UNKNOWN);
  }

  @Test
  void whatIsNotDoneHereIsSaidWithItsReason() {
    OfficialImport.Result result =
        imported(
            1, PRETRAIN.replace("dino: {", "dino: {koleo_topk: 3, head_norm_last_layer: true, "));

    assertThat(key(result, "dino.koleo_topk").fate()).isEqualTo(Fate.NOT_HONOURED);
    assertThat(key(result, "dino.koleo_topk").remark()).contains("one nearest neighbour");
    assertThat(key(result, "dino.head_norm_last_layer").fate()).isEqualTo(Fate.NOT_HONOURED);
  }

  @Test
  void configurationsWithoutASchedulesSectionHaveTheirSchedulesToo() {
    OfficialImport.Result result =
        imported(
            1, "train: {OFFICIAL_EPOCH_LENGTH: 10}\noptim: {scaling_rule: none, epochs: 40}\n");

    Schedule lr = train(result.recipe(), "pretrain").optim().lr();
    assertThat(lr.at(99)).isCloseTo(0.001, within(1e-15));
    assertThat(lr.at(400)).isEqualTo(1e-6);
    assertThat(train(result.recipe(), "pretrain").optim().teacherTemp().at(299))
        .isCloseTo(0.07, within(1e-12));
    assertThat(key(result, "teacher.teacher_temp").fate()).isEqualTo(Fate.MAPPED);
  }

  @Test
  void filesInTheOrderOfTheirRunsAreAChain() {
    OfficialImport.Result result = imported(2, PRETRAIN, GRAM, HIGH_RESOLUTION, DISTILL);

    PipelineRecipe recipe = result.recipe();
    assertThat(result.remarks()).isEmpty();
    assertThat(recipe.stages().stream().map(StageRecipe::name))
        .containsExactly("curate", "pretrain", "gram", "highres", "distill");
    assertThat(train(recipe, "gram").start()).isEqualTo(new Start.Continue("pretrain"));
    assertThat(train(recipe, "gram").steps()).isEqualTo(1000);
    GramTeacherRecipe.RefreshedEvery refreshed =
        (GramTeacherRecipe.RefreshedEvery) train(recipe, "gram").gram();
    assertThat(refreshed.updateFrequency()).isEqualTo(200);
    assertThat(refreshed.maxUpdates()).isEqualTo(3);
    assertThat(refreshed.loss().weight().at(4999)).isZero();
    assertThat(refreshed.loss().weight().at(5100)).isEqualTo(2.0);
    assertThat(train(recipe, "highres").start()).isEqualTo(new Start.FromTeacher("gram"));
    assertThat(train(recipe, "highres").crops().sizes())
        .containsExactly(
            new CropRecipe.Size(512, 112, 768, 0.7), new CropRecipe.Size(768, 336, 1152, 0.3));
    assertThat(((GramTeacherRecipe.FromCheckpoint) train(recipe, "highres").gram()).from())
        .isEqualTo("gram");
    StageRecipe.Distill distill = recipe.stage("distill", StageRecipe.Distill.class);
    assertThat(distill.teacher()).isEqualTo("highres");
    assertThat(distill.batchSize()).isEqualTo(96);
    assertThat(distill.steps()).isEqualTo(15000);
    List<StudentRecipe> students = distill.groups().get(0).students();
    assertThat(students.stream().map(StudentRecipe::name))
        .containsExactly("vits_mlp4_4", "vitsp_swiglu6_1", "convnext_tiny");
    BackboneRecipe.Vit plus = (BackboneRecipe.Vit) students.get(1).student();
    assertThat(plus.ffnLayer()).isEqualTo("swiglu");
    assertThat(plus.ffnRatio()).isEqualTo(6);
    assertThat(plus.nStorageTokens()).isEqualTo(4);
    assertThat(students.get(2).student()).isInstanceOf(BackboneRecipe.ConvNext.class);
  }

  @Test
  void aFileThatGoesOnFromAnUngivenRunGetsAStageThatStandsForIt() {
    OfficialImport.Result gram = imported(1, GRAM);
    assertThat(train(gram.recipe(), "pretrain").steps()).isEqualTo(5000);
    assertThat(train(gram.recipe(), "pretrain").gram()).isInstanceOf(GramTeacherRecipe.None.class);
    assertThat(train(gram.recipe(), "gram").steps()).isEqualTo(1000);
    assertThat(gram.remarks()).singleElement().asString().contains("stage \"pretrain\"");
    assertThat(gram.yaml()).contains("# file0.yaml goes on from a run whose file was not given");

    PipelineRecipe distill = imported(1, DISTILL).recipe();
    Start.Fresh teacher = (Start.Fresh) train(distill, "pretrain").start();
    assertThat(teacher.student().features()).isEqualTo(4096);
    assertThat(teacher.dinoHead().nPrototypes()).isEqualTo(1024);
    assertThat(imported(1, HIGH_RESOLUTION).recipe().stages()).hasSize(3);
  }

  @Test
  void aLaterFilesOtherNetworkIsNotHonouredAndSaidSo() {
    OfficialImport.Result result =
        imported(
            1,
            PRETRAIN,
            GRAM.replace("patch_size: 16", "patch_size: 8")
                .replace("head_n_prototypes: 1024", "head_n_prototypes: 2048"));

    List<OfficialKey> later =
        result.keys().stream().filter(k -> k.file().equals("file1.yaml")).toList();
    assertThat(later)
        .anyMatch(
            k -> k.key().equals("student.patch_size") && k.remark().contains("where it is 16"))
        .anyMatch(
            k ->
                k.key().equals("dino.head_n_prototypes")
                    && k.fate() == Fate.NOT_HONOURED
                    && k.remark().contains("1024"));
  }

  @Test
  void refreshesAtOtherStepsThanTheOfficialOnesAreSaid() {
    OfficialImport.Result result =
        imported(1, PRETRAIN, GRAM.replace("it_first_update: 5200", "it_first_update: 5600"));

    OfficialKey first =
        result.keys().stream()
            .filter(k -> k.file().equals("file1.yaml") && k.key().equals("gram.it_first_update"))
            .findFirst()
            .orElseThrow();
    assertThat(first.fate()).isEqualTo(Fate.NOT_HONOURED);
    assertThat(first.remark()).contains("5200");
  }

  @Test
  void everythingThatIsWrongIsReportedAtOnceWithFileAndKey() {
    assertThatThrownBy(
            () ->
                imported(
                    1,
                    PRETRAIN
                        .replace("arch: vit_small", "arch: vit_tiny")
                        .replace("epochs: 50", "epochs: many")
                        .replace("peak: 5e-05", "peak: [1]"),
                    "train: {OFFICIAL_EPOCH_LENGTH: 1.5}"))
        .isInstanceOf(RecipeProblemsException.class)
        .hasMessageContaining("file0.yaml student.arch: is \"vit_tiny\", must be one of [vit_small")
        .hasMessageContaining("file0.yaml optim.epochs: is \"many\", must be a whole number")
        .hasMessageContaining("file0.yaml schedules.lr.peak: is [1], must be a number")
        .hasMessageContaining("file1.yaml train.OFFICIAL_EPOCH_LENGTH: is 1.5");
  }

  @Test
  void valuesThatNoRecipeMayHaveAreRefusedWithTheRecipesPath() {
    assertThatThrownBy(
            () -> imported(1, PRETRAIN.replace("drop_path_rate: 0.1", "drop_path_rate: 3")))
        .isInstanceOf(RecipeProblemsException.class)
        .hasMessageContaining("drop_path_rate is 3, must be from 0 to 0.99");
  }

  static Stream<String> hostile() {
    String bomb =
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\noptim: {epochs: *d}\n";
    return Stream.of(
        bomb,
        "optim: &o {epochs: 3}\ntrain: *o\n",
        "optim: !!java.net.URL [http://127.0.0.1]\n",
        "!!python/object/apply:os.system [ls]\n",
        "optim: {epochs: !strange 3}\n",
        "!!python/name:print\noptim: {epochs: 3}\n",
        "optim: {epochs: 3, epochs: 4}\n",
        "- optim\n- train\n",
        "just words\n",
        "",
        "null\n",
        "\0\0\0",
        "some: {other: file}\n",
        "train: {output_dir: \"" + "x".repeat(10_000_000) + "\"}\n",
        "optim: {epochs: 3}\n" + "# filler\n".repeat(1_200_000),
        "{\"optim\":".repeat(5000) + "1" + "}".repeat(5000),
        "optim: {epochs: 9223372036854775807}\n",
        "optim: {epochs: -1}\n",
        "optim: {epochs: .nan}\n",
        "train: {batch_size_per_gpu: 99999999999}\n",
        "student: {arch: {deep: er}}\n",
        "multidistillation: {enabled: true, students: {name: x}}\n",
        "multidistillation: {enabled: true, students: [1, [2], {nme: x}]}\n",
        "optim: null\n",
        "crops: {global_crops_size: [], local_crops_size: []}\n");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void hostileTextIsRefusedAndNothingElse(String text) {
    assertThatThrownBy(() -> imported(1, text)).isInstanceOf(RecipeProblemsException.class);
  }

  /** A line of the table that names a field which is not there would be found by nobody else. */
  @Test
  void everyFieldThatTheTableNamesIsInTheRecipe() throws Exception {
    JsonNode recipe = new YAMLMapper().readTree(imported(1, GRAM).yaml());
    JsonNode pretrain = recipe.at("/stages/1");
    JsonNode gram = recipe.at("/stages/2");
    List<String> fields =
        OfficialTable.keys().stream()
            .flatMap(key -> OfficialTable.row(key).flatMap(OfficialTable.Row::to).stream())
            .toList();
    assertThat(fields).isNotEmpty();
    for (String field : fields) {
      String pointer = "/" + field.replace('.', '/');
      assertThat(
              !recipe.at(pointer).isMissingNode()
                  || !pretrain.at(pointer).isMissingNode()
                  || !gram.at(pointer).isMissingNode())
          .as(field)
          .isTrue();
    }
  }
}
