package io.dinoflow.ops.cli;

import io.dinoflow.activity.run.RunPreview;
import io.dinoflow.activity.run.RunPreview.Reusable;
import io.dinoflow.model.plan.RecipeSizes;
import io.dinoflow.model.plan.StageSize;
import io.dinoflow.model.plan.TrackSize;
import io.dinoflow.workflow.activity.StagePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a run would do: its stages in order with what they are made from, how much they make, and
 * which of them are there already.
 *
 * @param sizes as many as plans, in the same order
 * @param reusable by stage; empty where it cannot be known, since the database does not run
 */
record DryRun(
    String recipe,
    String digest,
    List<StagePlan> plans,
    List<StageSize> sizes,
    boolean reuse,
    Optional<Map<String, Reusable>> reusable) {

  static DryRun of(RunPreview preview, String digest, Optional<Map<String, Reusable>> reusable) {
    return new DryRun(
        preview.recipe().name(),
        digest,
        preview.plans(),
        RecipeSizes.of(preview.recipe()),
        preview.reuse(),
        reusable);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("recipe %s (%s): nothing is started".formatted(recipe, digest.substring(0, 8)));
    lines.add("");
    Table table =
        new Table()
            .left("STAGE")
            .left("KIND")
            .left("MADE FROM")
            .left("GRAM TEACHER")
            .right("STEPS")
            .left("REUSE");
    for (StagePlan plan : plans) {
      table.row(
          plan.name(),
          kind(plan),
          plan.inputs().isEmpty() ? "images" : String.join(" ", inputs(plan)),
          gram(plan),
          plan.lastStep() == 0 ? "-" : steps(plan),
          reuse(plan));
    }
    lines.addAll(table.lines());
    lines.add("");
    lines.addAll(networks());
    lines.add("");
    lines.add(
        "checkpoints that stay: about "
            + Quantities.bytes(keptBytes())
            + ", before equal parts"
            + " are shared");
    if (reuse && reusable.isEmpty()) {
      lines.add(
          "what could be reused is not known: the database does not run (`dinoflow up` starts it)");
    }
    return lines;
  }

  private List<String> networks() {
    Table table =
        new Table()
            .left("TRACK")
            .right("PARAMETERS")
            .right("TRAINED")
            .right("CHECKPOINT")
            .right("COMMITS")
            .right("KEPT");
    for (StageSize size : sizes) {
      for (TrackSize track : size.tracks()) {
        table.row(
            size.stage() + (track.student().isEmpty() ? "" : "/" + track.student()),
            Quantities.count(track.backboneParameters()),
            Quantities.count(track.trainedParameters()),
            Quantities.bytes(track.checkpointBytes()),
            Quantities.count(track.checkpoints()),
            Quantities.count(track.kept()));
      }
    }
    return table.lines();
  }

  private long keptBytes() {
    return sizes.stream().mapToLong(StageSize::keptBytes).sum();
  }

  /** A stage may refer to another twice, as what it starts from and as its Gram teacher. */
  private static List<String> inputs(StagePlan plan) {
    return plan.inputs().stream().distinct().toList();
  }

  private static String kind(StagePlan plan) {
    return plan.kind().name().toLowerCase(Locale.ROOT);
  }

  private static String steps(StagePlan plan) {
    return plan.firstStep() == 0
        ? Quantities.count(plan.lastStep())
        : "%s-%s".formatted(Quantities.count(plan.firstStep()), Quantities.count(plan.lastStep()));
  }

  private static String gram(StagePlan plan) {
    return plan.gram()
        .map(
            gram ->
                gram.everySteps() == 0
                    ? gram.from()
                    : "%s, then its own every %s%s"
                        .formatted(
                            gram.from(),
                            Quantities.count(gram.everySteps()),
                            gram.updatesMax() == 0
                                ? ""
                                : ", %d times".formatted(gram.updatesMax())))
        .orElse("-");
  }

  private String reuse(StagePlan plan) {
    if (!reuse) {
      return "off";
    }
    if (reusable.isEmpty()) {
      return "not known";
    }
    Optional<Reusable> found = Optional.ofNullable(reusable.get().get(plan.name()));
    return found
        .map(
            from ->
                "from "
                    + from.from()
                    + from.source()
                        .map(s -> ", if the images are still %s".formatted(s.version().shortForm()))
                        .orElse(""))
        .orElse("runs");
  }

  Map<String, Object> json() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("recipe", recipe);
    facts.put("recipeDigest", digest);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      StagePlan plan = plans.get(i);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("stage", plan.name());
      row.put("kind", kind(plan));
      row.put("inputs", inputs(plan));
      row.put("gramTeacher", plan.gram().map(StagePlan.GramPlan::from));
      row.put("gramEverySteps", plan.gram().map(StagePlan.GramPlan::everySteps));
      row.put("firstStep", plan.firstStep());
      row.put("lastStep", plan.lastStep());
      row.put("pictures", sizes.get(i).pictures());
      row.put("tracks", sizes.get(i).tracks());
      row.put(
          "reusedFrom",
          reusable
              .flatMap(known -> Optional.ofNullable(known.get(plan.name())))
              .map(from -> from.from().value()));
      rows.add(row);
    }
    facts.put("stages", rows);
    facts.put("reuseKnown", reuse && reusable.isPresent());
    facts.put("keptBytes", keptBytes());
    return facts;
  }
}
