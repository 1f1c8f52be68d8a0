package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.util.Optional;

/** Something that is measured: a checkpoint's teacher or a baseline. */
interface Contender {
  EvaluationReport.Subject subject();

  /**
   * Features of every picture of the population, in its order.
   *
   * @param scope owner of the rows
   */
  Rows features(TensorScope scope) throws IOException;

  /** The network behind the features, where there is one. */
  Optional<Network> network();

  /**
   * @param neighbours_ND what nearest neighbours are searched by: class tokens
   * @param probe_NF what linear probes see: class token and mean patch token
   */
  record Rows(NDArray neighbours_ND, NDArray probe_NF) {}
}
