package io.dinoflow.model.train;

import io.dinoflow.model.recipe.OptimizerRecipe;

/** The optimizer's scheduled numbers at one step. */
public record Rates(
    double lr, double lastLayerLr, double weightDecay, double momentum, double teacherTemp) {

  static Rates at(OptimizerRecipe optim, long step) {
    double lr = optim.lr().at(step);
    return new Rates(
        lr,
        step < optim.freezeLastLayerSteps() ? 0 : lr,
        optim.weightDecay().at(step),
        optim.momentum().at(step),
        optim.teacherTemp().at(step));
  }
}
