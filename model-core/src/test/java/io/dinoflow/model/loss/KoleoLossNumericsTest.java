package io.dinoflow.model.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@GoldenFixture({"koleo_loss", "koleo_distributed_4ranks"})
@OwnGoldens
class KoleoLossNumericsTest {

  @Test
  void lossAndGradientAreTheOfficialOnesForAnyNumberOfNeighbours() {
    Pattern named = Pattern.compile("out\\.dist_topk(\\d+)");
    try (Golden golden = Golden.open("koleo_loss")) {
      compare(golden, "out.loss", "grad.x", 1);
      List<String> compared = new ArrayList<>();
      for (String tensor : golden.names()) {
        Matcher how = named.matcher(tensor);
        if (how.matches()) {
          compare(golden, tensor, tensor.replace("out.", "grad."), Integer.parseInt(how.group(1)));
          compared.add(tensor);
        }
      }
      assertThat(compared).isNotEmpty();
      assertThat(golden.longs("out.nn_index")).containsExactly(nearest(golden));
    }
  }

  private static void compare(Golden golden, String loss, String gradient, int neighbours) {
    try (TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray x = golden.tensor("in.x");
      x.setRequiresGradient(true);
      try (Gradients.Recording recording = Gradients.record()) {
        NDArray ours = KoleoLoss.mean(scope, x, x.getShape().get(0), neighbours);
        golden.compare(loss, ours);
        golden.compare(gradient, Gradients.of(scope, ours, new NDList(x)).get(0));
      }
    }
  }

  /** The neighbour that makes each row's part what it is. */
  private static long[] nearest(Golden golden) {
    float[] x = golden.floats("in.x");
    int[] shape = golden.shape("in.x");
    long[] nearest = new long[shape[0]];
    try (TensorScope scope = TensorScope.under(golden.manager())) {
      float[] parts = KoleoLoss.rows(scope, golden.tensor("in.x"), shape[0], 1).toFloatArray();
      for (int i = 0; i < shape[0]; i++) {
        double closest = Double.MAX_VALUE;
        for (int j = 0; j < shape[0]; j++) {
          double off = Math.abs(-Math.log(distance(x, shape[1], i, j)) - parts[i]);
          if (j != i && off < closest) {
            closest = off;
            nearest[i] = j;
          }
        }
      }
    }
    return nearest;
  }

  private static double distance(float[] x, int dim, int i, int j) {
    double a = norm(x, dim, i);
    double b = norm(x, dim, j);
    double sum = 0;
    for (int d = 0; d < dim; d++) {
      double difference = x[i * dim + d] / a - x[j * dim + d] / b;
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  private static double norm(float[] x, int dim, int row) {
    double sum = 0;
    for (int d = 0; d < dim; d++) {
      sum += (double) x[row * dim + d] * x[row * dim + d];
    }
    return Math.sqrt(sum);
  }

  /**
   * Four processes of equally many rows: a process's loss is the mean over its rows, and the
   * gradient that of the sum of the processes' losses.
   */
  @Test
  void groupsOfRowsGiveTheLossesOfSeveralProcesses() {
    try (Golden golden = Golden.open("koleo_distributed_4ranks");
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray x = golden.tensor("in.x");
      x.setRequiresGradient(true);
      int rows = (int) x.getShape().get(0);
      for (JsonNode c : golden.json().get("values").get("cases")) {
        String name = "case" + c.get("case").asInt();
        JsonNode size = c.get("loss_group_size");
        long group = size.isNull() ? rows : size.asLong();
        long neighbours = c.get("topk").asLong();
        JsonNode official = c.get("loss_per_rank");
        int ranks = official.size();
        NDArray sum;
        NDArray gradient;
        try (Gradients.Recording recording = Gradients.record()) {
          NDArray mean = KoleoLoss.mean(scope, x, group, neighbours);
          NDArray times = scope.create(new float[] {ranks});
          sum = mean.mul(times).sum();
          gradient = Gradients.of(scope, sum, new NDList(x)).get(0);
        }
        golden.compare(name + ".grad", gradient);
        float[] parts = KoleoLoss.rows(scope, x, group, neighbours).toFloatArray();
        double total = 0;
        for (int rank = 0; rank < ranks; rank++) {
          int local = rows / ranks;
          double own = 0;
          for (int i = rank * local; i < (rank + 1) * local; i++) {
            own += parts[i] / local;
          }
          golden.compare(
              name + " rank " + rank, own, official.get(rank).asDouble(), golden.tolerance());
          total += official.get(rank).asDouble();
        }
        golden.compare(name + " sum", sum.getFloat(), total, ranks * golden.tolerance());
      }
    }
  }
}
