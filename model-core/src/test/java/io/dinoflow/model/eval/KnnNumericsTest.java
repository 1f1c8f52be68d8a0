package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.kernel.Neighbours;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Votes, predictions and accuracies of the official evaluation. */
class KnnNumericsTest {
  private static final List<Integer> KS = List.of(5, 10, 20);
  private static final int CLASSES = 6;

  @Test
  void votesPredictionsAndAccuraciesAreTheOfficialOnes() {
    try (Golden golden = Golden.open("knn");
        TensorScope scope = TensorScope.under(golden.manager())) {
      assertThat(golden.json().at("/config/T").asDouble()).isEqualTo(KnnEvaluation.TEMPERATURE);
      long[] truth = golden.tensor("in.test_labels").toLongArray();
      Map<Integer, NDArray> votes =
          KnnEvaluation.votes(
              scope,
              Tensors.normalize(scope, golden.tensor("in.test_features"), 1e-12),
              Tensors.normalize(scope, golden.tensor("in.train_features"), 1e-12),
              golden.tensor("in.train_labels"),
              KS,
              CLASSES);
      for (int k : KS) {
        NDArray ours = votes.get(k);
        golden.compare("k " + k, ours, golden.tensor("out.probas_k" + k), golden.tolerance());
        long[] predicted = Neighbours.mostVoted(scope, ours);
        assertThat(predicted).isEqualTo(golden.tensor("out.pred_k" + k).toLongArray());
        JsonNode official = golden.json().at("/values/accuracy_k" + k);
        Accuracy accuracy = Accuracy.of(predicted, truth, CLASSES);
        assertThat(accuracy.top1())
            .isCloseTo(
                official.at("/mean_accuracy/top-1").asDouble(), within(golden.tolerance()));
        assertThat(accuracy.perClass())
            .isCloseTo(
                official.at("/mean_per_class_accuracy/top-1").asDouble(),
                within(golden.tolerance()));
      }
    }
  }

  @Test
  void aBankSmallerThanKVotesAsAWhole() {
    try (Golden golden = Golden.open("knn");
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray bank_MD =
          Tensors.normalize(
              scope, Tensors.rows(scope, golden.tensor("in.train_features"), 0, 4), 1e-12);
      NDArray labels_M = Tensors.rows(scope, golden.tensor("in.train_labels"), 0, 4);
      NDArray votes =
          KnnEvaluation.votes(scope, bank_MD, bank_MD, labels_M, List.of(20), CLASSES).get(20);
      float sum = 0;
      for (float vote : votes.toFloatArray()) {
        sum += vote;
      }
      assertThat(sum).isCloseTo(4, within(1e-5f));
      assertThat(Neighbours.mostVoted(scope, votes)).isEqualTo(labels_M.toLongArray());
    }
  }
}
