package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Neighbours;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Votes, predictions and accuracies of the official evaluation. */
@GoldenFixture("knn")
@OwnGoldens
class KnnNumericsTest {
  @Test
  void votesPredictionsAndAccuraciesAreTheOfficialOnes() {
    try (Golden golden = Golden.open("knn");
        TensorScope scope = TensorScope.under(golden.manager())) {
      assertThat(golden.json().at("/config/T").asDouble()).isEqualTo(KnnEvaluation.TEMPERATURE);
      List<Integer> ks = ks(golden);
      int classes = classes(golden);
      long[] truth = golden.tensor("in.test_labels").toLongArray();
      Map<Integer, NDArray> votes =
          KnnEvaluation.votes(
              scope,
              Tensors.normalize(scope, golden.tensor("in.test_features"), 1e-12),
              Tensors.normalize(scope, golden.tensor("in.train_features"), 1e-12),
              golden.tensor("in.train_labels"),
              ks,
              classes);
      for (int k : ks) {
        NDArray ours = votes.get(k);
        golden.compare("k " + k, ours, golden.tensor("out.probas_k" + k), golden.tolerance());
        long[] predicted = Neighbours.mostVoted(scope, ours);
        assertThat(predicted).isEqualTo(golden.tensor("out.pred_k" + k).toLongArray());
        JsonNode official = golden.json().at("/values/accuracy_k" + k);
        Accuracy accuracy = Accuracy.of(predicted, truth, classes);
        assertThat(accuracy.top1())
            .isCloseTo(official.at("/mean_accuracy/top-1").asDouble(), within(golden.tolerance()));
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
          KnnEvaluation.votes(scope, bank_MD, bank_MD, labels_M, List.of(20), classes(golden))
              .get(20);
      float sum = 0;
      for (float vote : votes.toFloatArray()) {
        sum += vote;
      }
      assertThat(sum).isCloseTo(4, within(1e-5f));
      assertThat(Neighbours.mostVoted(scope, votes)).isEqualTo(labels_M.toLongArray());
    }
  }

  /** The official code skips a query's nearest neighbour, itself; here it is not in the bank. */
  @Test
  void aQueryOutsideTheBankVotesAsIfItWereSkipped() {
    try (Golden golden = Golden.open("knn");
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray unit_ND = Tensors.normalize(scope, golden.tensor("in.train_features"), 1e-12);
      NDArray labels_N = golden.tensor("in.train_labels");
      for (int k : ks(golden)) {
        NDArray official = golden.tensor("out.skip_first_probas_k" + k);
        for (int query = 0; query < official.getShape().get(0); query++) {
          NDArray bank = scope.create(allBut(query, (int) labels_N.getShape().get(0)));
          NDArray ours =
              KnnEvaluation.votes(
                      scope,
                      Tensors.rows(scope, unit_ND, query, query + 1),
                      Tensors.rowsAt(scope, unit_ND, bank),
                      Tensors.rowsAt(scope, labels_N, bank),
                      ks(golden),
                      classes(golden))
                  .get(k);
          golden.compare(
              "k " + k + " of query " + query,
              ours,
              Tensors.rows(scope, official, query, query + 1),
              golden.tolerance());
        }
      }
    }
  }

  private static long[] allBut(int left, int count) {
    return LongStream.range(0, count).filter(i -> i != left).toArray();
  }

  private static List<Integer> ks(Golden golden) {
    List<Integer> ks = new ArrayList<>();
    golden.json().at("/config/ks").forEach(k -> ks.add(k.asInt()));
    return ks;
  }

  private static int classes(Golden golden) {
    return golden.json().at("/config/num_classes").asInt();
  }
}
