package io.dinoflow.model.train;

import java.util.Map;

/**
 * Numbers of one step.
 *
 * @param step steps behind the state after it
 * @param values losses by their field names ({@code total_loss}, {@code dino_local_crops_loss},
 *     ...), {@code lr}, and gradient norms
 * @param images pictures of the batch
 * @param seconds wall time of the step
 * @param dataWaitSeconds of which waiting for data
 */
public record StepMetrics(
    long step, Map<String, Double> values, int images, double seconds, double dataWaitSeconds) {
  public StepMetrics {
    values = Map.copyOf(values);
  }
}
