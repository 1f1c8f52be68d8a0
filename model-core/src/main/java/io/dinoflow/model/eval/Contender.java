package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.util.Optional;

/** Something that is measured: a checkpoint's teacher or a baseline. */
interface Contender {
  EvaluationReport.Subject subject();

  /**
   * What nearest neighbours are searched by, a row for every picture of the population in its
   * order: class tokens, (N, D), not yet normalised.
   *
   * @param scope owner of the rows
   */
  NDArray neighbours(TensorScope scope) throws IOException;

  /**
   * What linear probes see, rows in the same order: class token and mean patch token, (N, 2D).
   *
   * @param scope owner of the rows
   */
  NDArray probe(TensorScope scope) throws IOException;

  /** The network behind the features, where there is one. */
  Optional<Network> network();
}
