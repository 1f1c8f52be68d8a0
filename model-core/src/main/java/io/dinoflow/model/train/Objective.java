package io.dinoflow.model.train;

import io.dinoflow.model.data.BatchSource;
import io.dinoflow.model.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/**
 * What learners are trained toward. The loop calls {@link #prepare} once a step without gradients,
 * then {@link #loss} for each learner and micro-batch with gradients, and {@link #afterUpdate} once
 * its parameters have moved.
 *
 * <p>An objective owns its learners and frozen networks and frees them when it is closed.
 *
 * @param <B> kind of batch
 * @param <T> what the learners of a step share: inputs as tensors and targets
 */
public interface Objective<B, T> extends AutoCloseable {

  /** One a track, in a fixed order. */
  List<Learner> learners();

  /** Batches from a step on. */
  BatchSource<B> batches(long firstStep);

  /** Pictures of a batch. */
  int pictures(B batch);

  /** Frozen forwards and targets; all it makes belongs to the scope. */
  T prepare(TensorScope scope, B batch, Rates rates);

  /** Into how many micro-batches a learner's forward and backward are split. */
  default int parts() {
    return 1;
  }

  /** What a micro-batch shares; all it makes belongs to the scope. */
  default T part(TensorScope scope, T shared, int part) {
    throw new IllegalStateException("this objective compares all pictures of a batch");
  }

  /** The learner's loss; all it makes belongs to the scope. */
  Loss loss(TensorScope scope, Learner learner, T shared, Turn turn);

  /** Rules that hold after an update, such as the EMA or a clamped temperature. */
  void afterUpdate(TensorScope scope, Learner learner, Rates rates);

  /** Counts and numbers of the objective itself that belong to the step's metrics. */
  default Map<String, Double> shared() {
    return Map.of();
  }

  /** Which tensors of a learner a checkpoint holds, and in which file. */
  StateParts parts(Learner learner);

  /** Measurements on the fixed probe pictures. */
  Map<String, Double> probe();

  @Override
  void close();
}
