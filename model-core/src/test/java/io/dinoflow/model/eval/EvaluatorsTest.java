package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.ShardWriter;
import io.dinoflow.model.eval.EvaluationReport.FeatureMaps;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole evaluation of tiny networks on generated pictures. */
class EvaluatorsTest {
  private static final int PICTURES = 90;
  private static final RunId RUN = new RunId("run");
  private static final PipelineRecipe RECIPE =
      RecipeFormat.parse(
          """
          name: small
          seed: 11
          compute: {threads: 1}
          stages:
            - {kind: curate, name: curate}
            - kind: train
              name: pretrain
              start:
                kind: fresh
                student: {arch: vit, patch_size: 8, embed_dim: 24, depth: 1, num_heads: 2, layerscale: 0.1}
                dino_head: {n_prototypes: 16, bottleneck_dim: 8, hidden_dim: 16}
                ibot_head: {n_prototypes: 16, bottleneck_dim: 8, hidden_dim: 16}
              steps: 4
              batch_size: 4
              crops: {sizes: [{global: 32, local: 16}], local_crops_number: 1}
            - kind: train
              name: gram
              start: {kind: continue, from: pretrain}
              steps: 4
              batch_size: 4
              crops: {sizes: [{global: 32, local: 16, gram: 32}], local_crops_number: 1}
              gram: {kind: refreshed_every}
            - kind: distill
              name: distill
              teacher: gram
              steps: 4
              batch_size: 4
              groups:
                - name: small
                  students:
                    - name: convnext
                      student: {arch: convnext, depths: [1, 1, 1, 1], dims: [8, 8, 16, 16]}
            - kind: align_text
              name: align
              vision: gram
              steps: 4
              image_size: 32
            - {kind: evaluate, subjects: [pretrain, gram, distill], text: align, image_size: 32, folds: 3, knn: [5, 10], linear_epochs: 4}
          """);

  @TempDir Path folder;
  private Dataset source;

  @BeforeEach
  void prepare() throws IOException {
    TorchKernels.prepareThread(1);
    source = source();
  }

  /** Five colours at random places; every third picture has a variant. */
  private Dataset source() throws IOException {
    Path shards = Files.createDirectories(folder.resolve("shards"));
    List<Sample> samples = new ArrayList<>();
    try (ShardWriter writer = new ShardWriter(shards, 40_000)) {
      for (int i = 0; i < PICTURES; i++) {
        for (int variant = 0; variant <= (i % 3 == 0 ? 1 : 0); variant++) {
          String key = "%03d-%d".formatted(i, variant);
          Png.write(picture(i), folder, key + ".png");
          byte[] bytes = Files.readAllBytes(folder.resolve(key + ".png"));
          ShardWriter.Place at = writer.write(key, "png", bytes, "caption " + i / 2, "");
          samples.add(
              new Sample(
                  key,
                  at.shard(),
                  at.offset(),
                  at.bytes(),
                  Sha256.of(bytes),
                  32,
                  32,
                  "colour " + i % 5,
                  "caption " + i / 2,
                  "picture " + i,
                  variant == 1,
                  "test",
                  "none",
                  "",
                  ""));
        }
      }
      writer.finish();
    }
    return new Dataset(samples, shards::resolve);
  }

  private static RgbImage picture(int index) {
    SeededRandom random = SeededRandom.of(1, Purpose.SAMPLE, index);
    int colour = index % 5;
    int left = random.nextInt(16);
    int top = random.nextInt(16);
    int contrast = random.nextInt(120);
    byte[] rgb = new byte[3 * 32 * 32];
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        boolean inside = x >= left && x < left + 16 && y >= top && y < top + 16;
        for (int c = 0; c < 3; c++) {
          int level = inside ? (colour + 1 >> c & 1) * contrast : 60;
          rgb[3 * (y * 32 + x) + c] = (byte) (level + random.nextInt(80));
        }
      }
    }
    return new RgbImage(32, 32, rgb);
  }

  private EvaluationJob.Checkpoint checkpoint(TrackId track, long seed) throws IOException {
    return checkpoint(RECIPE, track, seed);
  }

  private EvaluationJob.Checkpoint checkpoint(PipelineRecipe recipe, TrackId track, long seed)
      throws IOException {
    Backbone backbone = Backbones.of(Contenders.design(recipe, track).backbone());
    Path at = Files.createDirectories(folder.resolve(track.toString()));
    try (StateDict weights = backbone.initialise(TorchKernels.manager(), seed)) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      weights.forEach(tensors::put);
      Safetensors.write(at.resolve("teacher.safetensors"), "teacher.safetensors", tensors);
    }
    return new EvaluationJob.Checkpoint(ref(track), at, recipe);
  }

  private static CheckpointRef ref(TrackId track) {
    Sha256 id = Sha256.ofText(track.toString());
    return new CheckpointRef(id, track, 4, id);
  }

  private EvaluationJob job(String name, List<EvaluationJob.Checkpoint> subjects)
      throws IOException {
    return new EvaluationJob(
        RECIPE,
        "evaluate",
        "generated",
        source,
        subjects,
        Optional.of(new EvaluationJob.Aligned("align", folder, folder)),
        folder.resolve("cache-" + name),
        Files.createDirectories(folder.resolve("output-" + name)));
  }

  private List<EvaluationJob.Checkpoint> three() throws IOException {
    return List.of(
        checkpoint(TrackId.of(RUN, "pretrain"), 1),
        checkpoint(TrackId.of(RUN, "gram"), 2),
        checkpoint(TrackId.ofStudent(RUN, "distill", "convnext"), 3));
  }

  /** A picture lies where its mean colour says, a caption where a word says nothing. */
  private static JointSpace towers() {
    return new JointSpace() {
      @Override
      public int side() {
        return 32;
      }

      @Override
      public float[][] images(FloatBuffer images_N3SS, int count) {
        float[][] means = new float[count][3];
        for (int i = 0; i < count; i++) {
          for (int p = 0; p < 3 * 32 * 32; p++) {
            means[i][p / (32 * 32)] += images_N3SS.get(i * 3 * 32 * 32 + p) / (32 * 32);
          }
        }
        return means;
      }

      @Override
      public float[][] texts(List<String> captions) {
        return captions.stream()
            .map(c -> new float[] {c.hashCode() % 7, c.hashCode() % 11, c.hashCode() % 13})
            .toArray(float[][]::new);
      }

      @Override
      public void close() {}
    };
  }

  private static EvaluationReport run(EvaluationJob job) throws IOException {
    return Evaluators.run(job, (phase, done, of) -> {}, text -> towers());
  }

  private static Map<String, Score> scoresOf(EvaluationReport report, String subject) {
    return report.scores().stream()
        .filter(s -> s.subject().equals(subject))
        .collect(Collectors.toMap(s -> s.metric().name(), s -> s));
  }

  @Test
  void everySubjectAndBothBaselinesAreMeasuredOnBasePictures() throws IOException {
    EvaluationJob job = job("whole", three());
    EvaluationReport report = run(job);
    assertThat(report.protocol())
        .isEqualTo(new EvaluationReport.Protocol("generated", PICTURES, 5, 3, 32));
    assertThat(report.subjects().stream().map(Subject::name))
        .containsExactly("pretrain", "gram", "distill/convnext", "random weights", "raw pixels");
    for (Subject subject : report.subjects()) {
      Map<String, Score> scores = scoresOf(report, subject.name());
      assertThat(scores.keySet())
          .containsExactlyInAnyOrder(
              "knn5.top1",
              "knn5.per_class",
              "knn10.top1",
              "knn10.per_class",
              "linear.top1",
              "linear.per_class");
      assertThat(scores.values())
          .allSatisfy(
              s -> {
                assertThat(s.perFold()).hasSize(3).allMatch(v -> v >= 0 && v <= 1);
                assertThat(s.metric().standardError()).isPresent();
              });
    }
    assertThat(scoresOf(report, "raw pixels").get("knn5.top1").metric().value())
        .as("colours are easier than chance, which is 0.2")
        .isBetween(0.35, 0.95);
    // 3 subjects against 2 baselines on 6 metrics.
    assertThat(report.differences()).hasSize(36);
    assertThat(Headlines.of(report, List.of(5, 10))).hasSize(19);
    assertThat(report.featureMaps().stream().map(FeatureMaps::subject))
        .containsExactly("pretrain", "gram", "distill/convnext", "random weights");
  }

  @Test
  void everyPictureThatTheReportNamesIsThereAndNoOther() throws IOException {
    EvaluationJob job = job("pictures", three());
    EvaluationReport report = run(job);
    List<String> named = new ArrayList<>();
    report.featureMaps().forEach(m -> named.addAll(m.maps()));
    report.featureMaps().forEach(m -> named.addAll(m.originals()));
    report.retrieval().orElseThrow().grid().stream()
        .flatMap(q -> q.hits().stream())
        .forEach(h -> named.add(h.file()));
    named.add(Outcomes.FILE_NAME);
    try (var files = Files.list(job.output())) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(named.stream().distinct().toList());
    }
    assertThat(report.retrieval().orElseThrow().grid())
        .hasSize(5)
        .allSatisfy(q -> assertThat(q.hits()).hasSize(5));
    assertThat(report.retrieval().orElseThrow().metrics().stream().map(m -> m.name()))
        .contains("text_to_image.recall10", "image_to_text.recall10.chance");
  }

  @Test
  void aSecondRunGivesTheSameReportAndPictures() throws IOException {
    List<EvaluationJob.Checkpoint> subjects = three();
    EvaluationJob first = job("first", subjects);
    EvaluationJob second = job("second", subjects);
    assertThat(run(second)).isEqualTo(run(first));
    try (var files = Files.list(first.output())) {
      for (Path file : files.toList()) {
        assertThat(second.output().resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void aStoppedEvaluationGoesOnWhereItsFeaturesEnd() throws IOException {
    List<EvaluationJob.Checkpoint> subjects = three();
    EvaluationJob job = job("stopped", subjects);
    assertThatThrownBy(
            () ->
                Evaluators.run(
                    job,
                    (phase, done, of) -> {
                      if (phase.equals("embedding gram") && done >= 64) {
                        throw new IllegalStateException("told to stop");
                      }
                    },
                    text -> towers()))
        .hasMessage("told to stop");
    List<String> firstBeats = new ArrayList<>();
    EvaluationReport resumed =
        Evaluators.run(
            job,
            (phase, done, of) -> {
              if (phase.startsWith("embedding")) {
                firstBeats.add(phase + " " + done);
              }
            },
            text -> towers());
    assertThat(firstBeats)
        .startsWith("embedding gram 64", "embedding gram 90")
        .noneMatch(beat -> beat.startsWith("embedding pretrain"));
    assertThat(resumed).isEqualTo(run(job("undisturbed", subjects)));
  }

  @Test
  void randomWeightsAreThoseThatTrainingBeginsWith() throws IOException {
    Path at = Files.createDirectories(folder.resolve("beginning"));
    TrainJob training =
        new TrainJob(
            RECIPE,
            "pretrain",
            "",
            source,
            Map.of(),
            0,
            Optional.empty(),
            Optional.empty(),
            Files.createDirectories(folder.resolve("work")));
    try (Trainer trainer = Trainers.ssl(training)) {
      trainer.snapshot(at);
    }
    EvaluationJob job =
        job(
            "beginning",
            List.of(
                new EvaluationJob.Checkpoint(ref(TrackId.of(RUN, "gram")), at, RECIPE),
                checkpoint(TrackId.of(RUN, "pretrain"), 5)));
    EvaluationReport report = run(job);
    Map<String, Score> beginning = scoresOf(report, "gram");
    scoresOf(report, "random weights")
        .forEach(
            (metric, score) ->
                assertThat(beginning.get(metric).perFold()).isEqualTo(score.perFold()));
    Set<Sha256> distinct = new HashSet<>();
    try (var files = Files.list(job.cache())) {
      for (Path file : files.toList()) {
        distinct.add(Sha256.of(Files.readAllBytes(file)));
      }
    }
    // Three networks, of which two are equal to the last bit.
    assertThat(distinct).hasSize(2);
  }

  @Test
  void keepsWhichPicturesWereRightSoThatEvaluationsCanBePaired() throws IOException {
    EvaluationJob job = job("outcomes", three());
    EvaluationReport report = run(job);
    Outcomes outcomes = Outcomes.read(job.output().resolve(Outcomes.FILE_NAME));

    assertThat(outcomes.samples()).hasSize(PICTURES);
    for (String metric : List.of("knn5.top1", "knn10.top1", "linear.top1")) {
      boolean[] right = outcomes.of("pretrain", metric).orElseThrow().toArray();
      double share = 0;
      for (boolean one : right) {
        share += one ? 1.0 / right.length : 0;
      }
      // folds of 30 pictures each: the mean over folds is the share of all
      assertThat(share)
          .as(metric)
          .isCloseTo(
              scoresOf(report, "pretrain").get(metric).metric().value(),
              org.assertj.core.data.Offset.offset(1e-9));
    }
    assertThat(outcomes.answers()).extracting(Outcomes.Answers::subject).contains("raw pixels");
  }

  @Test
  void measuresACheckpointOfAnotherRunByThatRunsArchitecture() throws IOException {
    PipelineRecipe other =
        RecipeFormat.override(RECIPE, Map.of("pretrain.start.student.embed_dim", 48));
    TrackId track = TrackId.of(new RunId("champion"), "pretrain");
    EvaluationReport report = run(job("foreign", List.of(checkpoint(other, track, 5))));

    assertThat(scoresOf(report, "pretrain")).containsKey("knn5.top1");
  }

  @Test
  void aCheckpointOfAnotherShapeIsRefusedByName() throws IOException {
    EvaluationJob.Checkpoint convnext =
        checkpoint(TrackId.ofStudent(RUN, "distill", "convnext"), 3);
    EvaluationJob job =
        job(
            "mixed",
            List.of(
                new EvaluationJob.Checkpoint(
                    ref(TrackId.of(RUN, "pretrain")), convnext.folder(), RECIPE)));
    assertThatThrownBy(() -> run(job)).hasMessageContaining("no tensor \"cls_token\"");
  }

  @Test
  void aSourceOfVariantsOnlyIsRefused() throws IOException {
    source =
        new Dataset(source.samples().stream().filter(Sample::variant).toList(), source.shards());
    assertThatThrownBy(() -> run(job("variants", three())))
        .hasMessageContaining("has no base pictures");
  }
}
