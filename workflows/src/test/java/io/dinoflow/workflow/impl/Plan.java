package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.activity.StageKind;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import java.util.List;
import java.util.Optional;

/** Plans of stages for tests. */
final class Plan {
  private Plan() {}

  static StagePlan curate() {
    return plan("curate", StageKind.CURATE, List.of(), "", Optional.empty(), 0, 0);
  }

  static StagePlan pretrain(long steps) {
    return plan(
        "pretrain", StageKind.TRAIN, List.of("curate"), "curate", Optional.empty(), 0, steps);
  }

  static StagePlan gram(long first, long last, long every, int updatesMax) {
    StagePlan plain =
        plan(
            "gram",
            StageKind.TRAIN,
            List.of("curate", "pretrain"),
            "curate",
            Optional.of("pretrain"),
            first,
            last);
    return new StagePlan(
        plain.name(),
        plain.kind(),
        plain.inputs(),
        plain.dataset(),
        plain.origin(),
        plain.originStudent(),
        first,
        last,
        Optional.of(new GramPlan("pretrain", every, updatesMax)),
        List.of(),
        List.of(),
        Optional.empty());
  }

  static StagePlan distill(GroupPlan... groups) {
    return new StagePlan(
        "distill",
        StageKind.DISTILL,
        List.of("curate", "pretrain"),
        "curate",
        Optional.of("pretrain"),
        Optional.empty(),
        0,
        50,
        Optional.empty(),
        List.of(groups),
        List.of(),
        Optional.empty());
  }

  static StagePlan align() {
    return plan(
        "align",
        StageKind.ALIGN_TEXT,
        List.of("curate", "pretrain"),
        "curate",
        Optional.of("pretrain"),
        0,
        30);
  }

  static StagePlan imported() {
    return plan("model", StageKind.IMPORT, List.of(), "", Optional.empty(), 0, 0);
  }

  /** Starts from {@link #imported}. */
  static StagePlan adapt(long steps) {
    return plan(
        "adapt",
        StageKind.TRAIN,
        List.of("curate", "model"),
        "curate",
        Optional.of("model"),
        0,
        steps);
  }

  static StagePlan evaluate() {
    return new StagePlan(
        "evaluate",
        StageKind.EVALUATE,
        List.of("pretrain", "distill", "align", "curate"),
        "curate",
        Optional.of("pretrain"),
        Optional.empty(),
        0,
        0,
        Optional.empty(),
        List.of(),
        List.of("pretrain", "distill"),
        Optional.of("align"));
  }

  private static StagePlan plan(
      String name,
      StageKind kind,
      List<String> inputs,
      String dataset,
      Optional<String> origin,
      long first,
      long last) {
    return new StagePlan(
        name,
        kind,
        inputs,
        dataset,
        origin,
        Optional.empty(),
        first,
        last,
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }
}
