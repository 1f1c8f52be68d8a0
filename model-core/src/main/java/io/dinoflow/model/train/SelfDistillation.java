package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.loss.DinoLoss;
import io.dinoflow.model.loss.GramLoss;
import io.dinoflow.model.loss.IbotLoss;
import io.dinoflow.model.loss.KoleoLoss;
import io.dinoflow.model.loss.Sinkhorn;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.recipe.LossRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The losses of DINOv3 (section 3.2 and 4): DINO on class tokens, iBOT on masked patches, KoLeo,
 * and where there is a Gram teacher the Gram loss. Pre-training and distillation differ in whether
 * the student sees the masks and in whose targets it follows.
 */
final class SelfDistillation {
  private static final int SINKHORN_ITERATIONS = 3;
  private static final int GLOBAL_CROPS = 2;

  private final LossRecipe losses;
  private final int localCrops;
  private final Head dinoHead;
  private final Head ibotHead;

  SelfDistillation(LossRecipe losses, int localCrops, Head dinoHead, Head ibotHead) {
    this.losses = losses;
    this.localCrops = localCrops;
    this.dinoHead = dinoHead;
    this.ibotHead = ibotHead;
  }

  /** A backbone with its heads, as one forward reads them. */
  record Network(Backbone backbone, StateDict weights, StateDict dinoHead, StateDict ibotHead) {}

  /** Targets of the teacher: eval mode, unmasked global crops. */
  Targets targets(TensorScope scope, Network teacher, CropTensors crops, double temperature) {
    try (TensorScope inner = scope.nested()) {
      Backbone.Chosen t =
          teacher
              .backbone()
              .chosen(
                  inner,
                  teacher.weights(),
                  crops.globals_2B3HW(),
                  Pass.eval(),
                  crops.maskIndices_M());
      NDArray cls = dinoHead.forward(inner, teacher.dinoHead(), t.cls_BD());
      NDArray patches = ibotHead.forward(inner, teacher.ibotHead(), t.patches_MD());
      return new Targets(
          scope.adopt(Sinkhorn.assign(inner, cls, temperature, SINKHORN_ITERATIONS)),
          scope.adopt(Sinkhorn.assign(inner, patches, temperature, SINKHORN_ITERATIONS)),
          Optional.empty());
    }
  }

  /**
   * The student's loss.
   *
   * @param global pass over the global crops, masked or not
   * @param local pass over the local crops
   */
  Loss loss(
      TensorScope scope,
      Network student,
      CropTensors crops,
      Targets targets,
      Pass global,
      Pass local,
      Optional<GramTerm> gram,
      Turn turn) {
    boolean wantsGram = gram.isPresent() && targets.gram_2BND().isPresent();
    Seen g = wantsGram ? all(scope, student, crops, global) : read(scope, student, crops, global);
    NDArray ibotLogits = ibotHead.forward(scope, student.ibotHead(), g.chosen().patches_MD());

    Terms terms = new Terms();
    double pairs = globalPairs() + GLOBAL_CROPS * localCrops;
    NDArray cls = g.chosen().cls_BD();
    long globalRows = cls.getShape().get(0);
    NDArray logits;
    if (crops.locals_LB3hw().isPresent()) {
      Backbone.Chosen l =
          student
              .backbone()
              .chosen(
                  scope,
                  student.weights(),
                  crops.locals_LB3hw().get(),
                  local,
                  scope.create(new long[0]));
      NDArray all =
          dinoHead.forward(scope, student.dinoHead(), Tensors.concat(scope, cls, l.cls_BD()));
      turn.clock().enter(Phase.LOSSES);
      logits = Tensors.rows(scope, all, 0, globalRows);
      NDArray localLogits = Tensors.rows(scope, all, globalRows, all.getShape().get(0));
      terms.add(
          "dino_local_crops_loss",
          DinoLoss.allPairs(scope, localLogits, targets.cls_2BK(), localCrops, GLOBAL_CROPS),
          losses.dinoLossWeight()
              * (GLOBAL_CROPS * localCrops / pairs)
              * losses.dinoLocalLossWeight().at(turn.step()));
    } else {
      logits = dinoHead.forward(scope, student.dinoHead(), cls);
      turn.clock().enter(Phase.LOSSES);
    }
    terms.add(
        "dino_global_crops_loss",
        losses.globalIgnoreDiagonal()
            ? DinoLoss.withoutDiagonal(scope, logits, targets.cls_2BK(), GLOBAL_CROPS, GLOBAL_CROPS)
            : DinoLoss.allPairs(scope, logits, targets.cls_2BK(), GLOBAL_CROPS, GLOBAL_CROPS),
        losses.dinoLossWeight() * globalPairs() / pairs);
    if (losses.koleoLossWeight() > 0) {
      terms.add(
          "koleo_loss",
          KoleoLoss.mean(scope, cls, koleoGroup(globalRows), 1),
          GLOBAL_CROPS * losses.koleoLossWeight());
    }
    terms.add(
        "ibot_loss",
        IbotLoss.of(
            scope,
            ibotLogits,
            targets.patches_MK(),
            crops.masksWeight_M(),
            crops.globals_2B3HW().getShape().get(0)),
        losses.ibotLossWeight());
    if (wantsGram) {
      GramTerm term = gram.get();
      terms.add(
          "gram_loss",
          term.loss().of(scope, g.patches_BND().orElseThrow(), targets.gram_2BND().get()),
          term.weight());
    }
    return terms.total(scope);
  }

  /**
   * What a forward over the global crops gave.
   *
   * @param patches_BND all patch tokens, where something reads them
   */
  private record Seen(Backbone.Chosen chosen, Optional<NDArray> patches_BND) {}

  /** What the losses without Gram read. */
  private static Seen read(TensorScope scope, Network student, CropTensors crops, Pass global) {
    long side = crops.globals_2B3HW().getShape().get(2) / student.backbone().stride();
    if (side != crops.grid()) {
      return all(scope, student, crops, global);
    }
    return new Seen(
        student
            .backbone()
            .chosen(scope, student.weights(), crops.globals_2B3HW(), global, crops.maskIndices_M()),
        Optional.empty());
  }

  private static Seen all(TensorScope scope, Network student, CropTensors crops, Pass global) {
    Features g =
        student.backbone().forward(scope, student.weights(), crops.globals_2B3HW(), global);
    NDArray picked =
        Tensors.pick(scope, onGrid(scope, g.patches_BND(), crops), crops.maskIndices_M());
    return new Seen(new Backbone.Chosen(g.cls_BD(), picked), Optional.of(g.patches_BND()));
  }

  /** A student of another stride has its map brought to the teacher's grid. */
  private static NDArray onGrid(TensorScope scope, NDArray patches_BND, CropTensors crops) {
    int side = (int) Math.round(Math.sqrt(patches_BND.getShape().get(1)));
    return side == crops.grid()
        ? patches_BND
        : Resize.bilinearAntialiased(scope, patches_BND, side, side, crops.grid(), crops.grid());
  }

  /** The Gram loss and its weight at this step. */
  record GramTerm(GramLoss loss, double weight) {}

  /** A crop unless the recipe says less. */
  private long koleoGroup(long globalRows) {
    return losses.koleoGroupSize() == 0 ? globalRows / GLOBAL_CROPS : losses.koleoGroupSize();
  }

  private double globalPairs() {
    return losses.globalIgnoreDiagonal()
        ? GLOBAL_CROPS * (GLOBAL_CROPS - 1)
        : GLOBAL_CROPS * GLOBAL_CROPS;
  }

  /** Weighted terms of a total. */
  private static final class Terms {
    private final Map<String, NDArray> values = new LinkedHashMap<>();
    private final Map<String, Double> weights = new LinkedHashMap<>();

    void add(String name, NDArray value, double weight) {
      values.put(name, value);
      weights.put(name, weight);
    }

    Loss total(TensorScope scope) {
      double[] w = weights.values().stream().mapToDouble(Double::doubleValue).toArray();
      return new Loss(
          Tensors.weightedSum(scope, values.values().stream().toList(), w), Map.copyOf(values));
    }
  }
}
