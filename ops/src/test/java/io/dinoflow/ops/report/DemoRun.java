package io.dinoflow.ops.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import io.dinoflow.model.eval.EvaluationReport.FeatureMaps;
import io.dinoflow.model.eval.EvaluationReport.Hit;
import io.dinoflow.model.eval.EvaluationReport.Protocol;
import io.dinoflow.model.eval.EvaluationReport.Query;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.eval.EvaluationReport.TextRetrieval;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StageResult;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;

/** Runs of the shipped demo recipe, as the stores would hold them. */
public final class DemoRun {
  public static final RunId ID = new RunId("demo-0a1b2c3d");
  public static final Instant BEGUN = Instant.parse("2026-03-01T09:00:00Z");
  public static final Clock CLOCK = Clock.fixed(BEGUN.plus(Duration.ofMinutes(14)), ZoneOffset.UTC);

  /** A caption as an attacker would write it. */
  public static final String HOSTILE = "</figcaption><script>alert('x')</script> & \"quoted\"";

  final FakeFacts facts = new FakeFacts();
  private final RunId run;
  private final PipelineRecipe recipe;
  private final Random random = new Random(7);
  private Instant at = BEGUN;
  private int position;

  private DemoRun(RunId run, PipelineRecipe recipe) {
    this.run = run;
    this.recipe = recipe;
  }

  /** All seven stages done, with an evaluation. */
  public static FakeFacts done() {
    DemoRun demo = new DemoRun(ID, recipe());
    demo.through(RunState.DONE, "");
    return demo.facts;
  }

  /** Failed in its Gram stage: no evaluation, no students. */
  public static FakeFacts failed() {
    return failedBecause("stage gram failed: the loss is <b>NaN</b> at step 640");
  }

  static FakeFacts failedBecause(String reason) {
    DemoRun demo = new DemoRun(ID, recipe());
    demo.opened(RunState.FAILED, reason);
    DatasetRef data = demo.curate();
    demo.pretrain(data);
    demo.stage(
        "gram",
        "train",
        RunState.FAILED,
        "the loss is <b>NaN</b> at step 640",
        "{}",
        List.of(),
        20);
    return demo.facts;
  }

  /** Running, with its first stage not done yet. */
  public static FakeFacts young() {
    DemoRun demo = new DemoRun(ID, recipe());
    demo.opened(RunState.RUNNING, "");
    return demo.facts;
  }

  public static RunReport report(FakeFacts facts) throws IOException {
    return new RunReports(facts, CLOCK).of(ID);
  }

  private static PipelineRecipe recipe() {
    try (InputStream in = DemoRun.class.getResourceAsStream("/recipes/demo.yaml")) {
      // steps of this fixture's own, whatever the shipped recipe's are
      return RecipeFormat.override(
          RecipeFormat.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)),
          Map.of(
              "compute.threads", 2,
              "pretrain.steps", 600,
              "gram.steps", 90,
              "highres.steps", 40,
              "distill.steps", 100,
              "align.steps", 250));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void through(RunState state, String reason) {
    opened(state, reason);
    DatasetRef data = curate();
    CheckpointRef pretrain = pretrain(data);
    CheckpointRef gram = gram(data, pretrain);
    CheckpointRef highres = highres(data, gram);
    distill(data, highres);
    align(data, highres);
    evaluate(List.of(pretrain, gram, highres));
    facts.put(new Event(run, "", at, state.word(), reason));
  }

  private void opened(RunState state, String reason) {
    String json = RecipeFormat.canonicalJson(recipe);
    facts.put(
        new RunRow(
            run,
            recipe.name(),
            Sha256.ofText(json),
            json,
            state,
            reason,
            BEGUN,
            BEGUN.plus(Duration.ofMinutes(12)),
            state.isClosed() ? Optional.of(BEGUN.plus(Duration.ofMinutes(12))) : Optional.empty()));
    facts.put(new Event(run, "", BEGUN, "opened", "recipe demo"));
  }

  private DatasetRef curate() {
    DatasetRef source = new DatasetRef(ArtifactKind.SOURCE, "emoji", Sha256.ofText("emoji"), 3786);
    DatasetRef data =
        new DatasetRef(ArtifactKind.DATASET, "emoji-curate", Sha256.ofText("curated"), 2400);
    facts.put(source, Map.of("source", "emoji-datasource-twitter 15.1.2, CC-BY 4.0"), at);
    facts.put(data, Map.of(), at);
    facts.edge(EdgeKind.DATASET, data.version(), source.version());
    stage(
        "curate",
        "curate",
        RunState.DONE,
        "",
        json(StageResult.curated("curate", source, data, List.of())),
        List.of(data.version()),
        14);
    return data;
  }

  private CheckpointRef pretrain(DatasetRef data) {
    TrackId track = TrackId.of(run, "pretrain");
    List<CheckpointRef> all = new ArrayList<>();
    for (int step = 150; step <= 600; step += 150) {
      all.add(checkpoint(track, step, 0.9 - step / 1500.0, 0.35 + step / 3000.0, data));
    }
    curves(
        track,
        0,
        600,
        List.of("dino_global_crops_loss", "dino_local_crops_loss", "ibot_loss", "koleo_loss"));
    trained("pretrain", "train", all, 302);
    return all.get(all.size() - 1);
  }

  private CheckpointRef gram(DatasetRef data, CheckpointRef pretrain) {
    TrackId track = TrackId.of(run, "gram");
    List<CheckpointRef> all = new ArrayList<>();
    CheckpointRef teacher = pretrain;
    for (int step = 630; step <= 690; step += 30) {
      CheckpointRef made = checkpoint(track, step, 0.5, 0.55 - (step - 600) / 900.0, data);
      facts.edge(EdgeKind.GRAM_TEACHER, made.id(), teacher.id());
      if (step == 630) {
        facts.edge(EdgeKind.INITIALISED_FROM, made.id(), pretrain.id());
      }
      teacher = step == 630 ? made : teacher;
      all.add(made);
    }
    curves(
        track,
        600,
        690,
        List.of(
            "dino_global_crops_loss",
            "dino_local_crops_loss",
            "ibot_loss",
            "koleo_loss",
            "gram_loss"));
    trained("gram", "train", all, 95);
    return all.get(all.size() - 1);
  }

  private CheckpointRef highres(DatasetRef data, CheckpointRef gram) {
    TrackId track = TrackId.of(run, "highres");
    CheckpointRef first = checkpoint(track, 20, 0.49, 0.44, data);
    CheckpointRef last = checkpoint(track, 40, 0.48, 0.43, data);
    for (CheckpointRef made : List.of(first, last)) {
      facts.edge(EdgeKind.GRAM_TEACHER, made.id(), gram.id());
    }
    facts.edge(EdgeKind.INITIALISED_FROM, first.id(), gram.id());
    curves(track, 0, 40, List.of("dino_global_crops_loss", "ibot_loss", "gram_loss"));
    trained("highres", "train", List.of(first, last), 71);
    return last;
  }

  private void distill(DatasetRef data, CheckpointRef teacher) {
    List<CheckpointRef> finals = new ArrayList<>();
    for (String student : List.of("vit", "convnext")) {
      TrackId track = TrackId.ofStudent(run, "distill", student);
      CheckpointRef first = checkpoint(track, 50, 0.6, 0.4, data);
      CheckpointRef last = checkpoint(track, 100, 0.55, 0.42, data);
      facts.edge(EdgeKind.DISTILLED_FROM, first.id(), teacher.id());
      curves(track, 0, 100, List.of("dino_global_crops_loss", "ibot_loss"));
      finals.add(last);
    }
    trained("distill", "distill", finals, 64);
  }

  private void align(DatasetRef data, CheckpointRef vision) {
    TrackId track = TrackId.of(run, "align");
    CheckpointRef first =
        facts.checkpoint(track, 125, List.of(Metric.of("probe.text_to_image_top1", 0.2)), at);
    CheckpointRef last = facts.checkpoint(track, 250, List.of(), at);
    facts.edge(EdgeKind.DISTILLED_FROM, first.id(), vision.id());
    facts.edge(EdgeKind.DATASET, last.id(), data.version());
    curves(track, 0, 250, List.of("contrastive_loss"));
    trained("align", "align_text", List.of(first, last), 58);
  }

  private void evaluate(List<CheckpointRef> subjects) {
    var report = facts.evaluation(run, measured(subjects), at);
    stage(
        "evaluate",
        "evaluate",
        RunState.DONE,
        "",
        json(StageResult.evaluated("evaluate", report, List.of())),
        List.of(report.id()),
        41);
  }

  private CheckpointRef checkpoint(
      TrackId track, long step, double cls, double patches, DatasetRef data) {
    CheckpointRef made =
        facts.checkpoint(
            track,
            step,
            List.of(
                Metric.of("probe.cls_similarity", cls),
                Metric.of("probe.patch_similarity", patches),
                Metric.of("total_loss", 6 - step / 400.0)),
            at);
    facts.edge(EdgeKind.DATASET, made.id(), data.version());
    return made;
  }

  private void curves(TrackId track, int from, int until, List<String> losses) {
    List<SeriesPoint> points = new ArrayList<>();
    int stride = Math.max(1, (until - from) / 400);
    for (int step = from + 1; step <= until; step += stride) {
      double total = 0;
      for (int i = 0; i < losses.size(); i++) {
        boolean koleo = losses.get(i).equals("koleo_loss");
        boolean gram = losses.get(i).equals("gram_loss");
        double value =
            (koleo ? 0.8 : gram ? 0.03 : 6.6 - i * 0.4)
                * (0.72 + 0.28 * Math.exp(-(step - from) / 140.0))
                * (1 + 0.03 * random.nextGaussian());
        total += value;
        points.add(new SeriesPoint(step, losses.get(i), value));
      }
      points.add(new SeriesPoint(step, "total_loss", total));
      points.add(new SeriesPoint(step, "lr", 1e-3 * Math.min(1, (step - from + 1) / 60.0)));
      points.add(new SeriesPoint(step, "images_per_second", 84 + 6 * random.nextGaussian()));
    }
    facts.series(track, points);
  }

  private void trained(String name, String kind, List<CheckpointRef> checkpoints, int seconds) {
    boolean students = kind.equals("distill");
    List<CheckpointRef> last =
        students ? checkpoints : List.of(checkpoints.get(checkpoints.size() - 1));
    stage(
        name,
        kind,
        RunState.DONE,
        "",
        json(StageResult.trained(name, last, List.of())),
        last.stream().map(CheckpointRef::id).toList(),
        seconds);
  }

  private void stage(
      String name,
      String kind,
      RunState state,
      String reason,
      String result,
      List<Sha256> outputs,
      int seconds) {
    facts.put(new Event(run, name, at, "begun", kind));
    Instant end = at.plusSeconds(seconds);
    facts.put(
        new StageRow(
            run,
            name,
            position++,
            kind,
            state,
            reason,
            Optional.empty(),
            result,
            outputs,
            Optional.empty(),
            Optional.of(at),
            Optional.of(end)));
    facts.put(new Event(run, name, end, state.word(), reason));
    at = end;
  }

  private Measured measured(List<CheckpointRef> checkpoints) {
    Map<String, Picture> pictures = new HashMap<>();
    List<Subject> subjects = new ArrayList<>();
    List<Score> scores = new ArrayList<>();
    List<Difference> differences = new ArrayList<>();
    List<FeatureMaps> maps = new ArrayList<>();
    List<String> originals = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      originals.add(picture(pictures, "original-" + i + ".png", 64, i));
    }
    double[] knn = {0.601, 0.618, 0.623};
    for (int s = 0; s < checkpoints.size(); s++) {
      String name = checkpoints.get(s).track().stage();
      subjects.add(new Subject(name, Subject.Kind.CHECKPOINT, Optional.of(checkpoints.get(s))));
      score(scores, name, "knn10.top1", knn[s], 0.008);
      score(scores, name, "knn10.per_class", knn[s] - 0.09, 0.011);
      score(scores, name, "linear.top1", knn[s] + 0.04, 0.007);
      difference(differences, name, "random weights", knn[s] - 0.521, 0.011);
      difference(differences, name, "raw pixels", s == 0 ? 0.006 : knn[s] - 0.58, 0.009);
      List<String> rows = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        rows.add(picture(pictures, "pca-" + name + "-" + i + ".png", 8, 100 + s * 8 + i));
      }
      maps.add(new FeatureMaps(name, originals, rows));
    }
    for (String baseline : List.of("random weights", "raw pixels")) {
      subjects.add(new Subject(baseline, Subject.Kind.BASELINE, Optional.empty()));
      score(scores, baseline, "knn10.top1", baseline.equals("raw pixels") ? 0.58 : 0.521, 0.009);
      score(scores, baseline, "knn10.per_class", 0.42, 0.012);
      score(scores, baseline, "linear.top1", 0.55, 0.01);
    }
    return new Measured(
        new EvaluationReport(
            EvaluationReport.FORMAT,
            new Protocol("emoji", 1911, 9, 5, 64),
            subjects,
            scores,
            differences,
            Optional.of(retrieval(pictures)),
            maps),
        pictures);
  }

  private TextRetrieval retrieval(Map<String, Picture> pictures) {
    List<Query> grid = new ArrayList<>();
    List<String> captions =
        List.of(
            "red apple",
            "grinning face with big eyes",
            "snow capped mountain",
            HOSTILE,
            "sailboat");
    for (int q = 0; q < captions.size(); q++) {
      List<Hit> hits = new ArrayList<>();
      for (int h = 0; h < 5; h++) {
        boolean hit = h == q % 5;
        hits.add(
            new Hit(
                "sample-" + q + h,
                hit ? captions.get(q) : "a caption of another picture",
                picture(pictures, "hit-" + q + "-" + h + ".png", 64, 300 + q * 5 + h),
                0.41 - 0.03 * h,
                hit));
      }
      grid.add(new Query(captions.get(q), hits));
    }
    return new TextRetrieval(
        List.of(
            new Metric("text_to_image.recall10", 0.213, Optional.of(0.012)),
            new Metric("text_to_image.recall10.chance", 0.026, Optional.of(0.002)),
            new Metric("image_to_text.recall10", 0.198, Optional.of(0.011)),
            new Metric("image_to_text.recall10.chance", 0.026, Optional.of(0.002))),
        grid);
  }

  private static void score(
      List<Score> scores, String subject, String metric, double value, double error) {
    scores.add(new Score(subject, new Metric(metric, value, Optional.of(error)), List.of(value)));
  }

  private static void difference(
      List<Difference> all, String subject, String baseline, double value, double error) {
    all.add(new Difference(subject, baseline, new Metric("knn10.top1", value, Optional.of(error))));
  }

  /** Draws a disc on a ground, coloured by the number. */
  private static String picture(Map<String, Picture> pictures, String name, int side, int number) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Random colours = new Random(number * 7919L * 104729L);
    Color disc = Color.getHSBColor(colours.nextFloat(), 0.7f, 0.85f);
    Color ground = side > 8 ? Color.WHITE : Color.getHSBColor(colours.nextFloat(), 0.6f, 0.6f);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double dx = (x + 0.5) / side - 0.5;
        double dy = (y + 0.5) / side - 0.5;
        image.setRGB(x, y, (dx * dx + dy * dy < 0.16 ? disc : ground).getRGB());
      }
    }
    pictures.put(name, Picture.ofPng(png(image)).orElseThrow());
    return name;
  }

  static byte[] png(BufferedImage image) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(image, "png", bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String json(StageResult result) {
    try {
      return Payloads.mapper().writeValueAsString(result);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
