package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The pieces of one forward whose inside is not kept: each keeps its input only, and is computed a
 * second time when gradients come back to it (Chen et al. 2016).
 *
 * <p>A piece is computed by the same kernels on the same numbers both times, and what several
 * pieces say of a parameter is summed as reverse mode sums it, so gradients are those of a forward
 * that keeps all, bit for bit. For one learner and one loss; one thread; while gradients are
 * recorded.
 */
public final class Recomputation {

  /** A pure function of its input and of parameters; all it makes belongs to the scope. */
  @FunctionalInterface
  public interface Piece {
    NDArray run(TensorScope scope, NDArray x);
  }

  private record Kept(NDArray input, NDArray output, NDList parameters, Piece piece) {}

  /**
   * Walks through the network, such as one for each list of crops; none reads what another made.
   */
  private final List<List<Kept>> walks = new ArrayList<>();

  /** One where it is wanted. */
  public static Optional<Recomputation> where(boolean wanted) {
    return wanted ? Optional.of(new Recomputation()) : Optional.empty();
  }

  /**
   * Runs a piece without keeping its inside.
   *
   * @param scope owner of the input and of the result, open until the gradients are taken
   * @param parameters all that the piece reads and that may want a gradient; others among them get
   *     none
   */
  NDArray run(TensorScope scope, NDArray x, NDList parameters, Piece piece) {
    NDArray y;
    try (TensorScope inner = scope.nested();
        Gradients.Pause pause = Gradients.pause()) {
      y = scope.adopt(piece.run(inner, x));
    }
    y.setRequiresGradient(true);
    walk(parameters.get(0)).add(new Kept(x, y, parameters, piece));
    return y;
  }

  /** The walk that goes on, or a new one where the parameter was read on it before. */
  private List<Kept> walk(NDArray parameter) {
    if (walks.isEmpty()
        || walks.get(walks.size() - 1).stream()
            .anyMatch(kept -> kept.parameters().get(0) == parameter)) {
      walks.add(new ArrayList<>());
    }
    return walks.get(walks.size() - 1);
  }

  /**
   * Gradients of a scalar that was computed from results of the pieces, as {@link Gradients#of}
   * gives them. All walks go back through a block before any goes on to the one before it. Then the
   * block's results are closed, and the masters' compute copies that it read: gradients take their
   * place.
   */
  public NDList gradients(TensorScope scope, NDArray loss, NDList parameters) {
    return new Backward(scope, parameters).from(loss);
  }

  /** The way back from the loss, through the last pieces first. */
  private final class Backward {
    private final TensorScope scope;
    private final NDList parameters;
    private final Map<NDArray, NDArray> gradients = new IdentityHashMap<>();

    Backward(TensorScope scope, NDList parameters) {
      this.scope = scope;
      this.parameters = parameters;
    }

    /** What a graph outside of pieces ends in: parameters, and results of these pieces. */
    private NDList leaves(List<Kept> pieces) {
      NDList leaves = new NDList(parameters);
      pieces.forEach(piece -> leaves.add(piece.output()));
      return leaves;
    }

    NDList from(NDArray loss) {
      back(
          new NDList(loss),
          new NDList(scope.create(new float[] {1}, new Shape())),
          leaves(walks.stream().flatMap(List::stream).toList()));
      List<NDList> copies = copies();
      for (int i = copies.size() - 1; i >= 0; i--) {
        for (int walk = walks.size() - 1; walk >= 0; walk--) {
          if (i < walks.get(walk).size()) {
            back(walks.get(walk), i);
          }
        }
        settle(copies.get(i));
      }
      NDList all = new NDList();
      for (NDArray parameter : parameters) {
        NDArray gradient = gradients.get(parameter);
        all.add(gradient == null ? parameter.zerosLike() : gradient);
      }
      return all;
    }

    private void back(List<Kept> walk, int index) {
      Kept kept = walk.get(index);
      NDArray cotangent = gradients.remove(kept.output());
      if (cotangent == null) {
        return;
      }
      NDList inputs = new NDList(kept.input());
      inputs.addAll(kept.parameters());
      try (TensorScope inner = scope.nested()) {
        NDArray again = kept.piece().run(inner, kept.input());
        add(inputs, Gradients.through(scope, new NDList(again), new NDList(cotangent), inputs));
      }
      cotangent.close();
      kept.output().close();
      boolean ownResult = walk.stream().anyMatch(p -> p.output() == kept.input());
      NDArray onward = ownResult ? null : gradients.remove(kept.input());
      if (onward != null) {
        back(new NDList(kept.input()), new NDList(onward), leaves(walk.subList(0, index)));
        onward.close();
      }
    }

    /**
     * What is not a parameter itself but may be a compute copy of one, such as a bf16 one: for each
     * place in walks those that no piece before it reads.
     */
    private List<NDList> copies() {
      Set<NDArray> known = Collections.newSetFromMap(new IdentityHashMap<>());
      known.addAll(parameters);
      List<NDList> copies = new ArrayList<>();
      int longest = walks.stream().mapToInt(List::size).max().orElse(0);
      for (int i = 0; i < longest; i++) {
        NDList own = new NDList();
        for (List<Kept> walk : walks) {
          if (i < walk.size()) {
            walk.get(i).parameters().stream().filter(known::add).forEach(own::add);
          }
        }
        copies.add(own);
      }
      return copies;
    }

    /** What pieces say of copies that are not read any more goes on to the masters. */
    private void settle(NDList copies) {
      NDList read = new NDList();
      NDList cotangents = new NDList();
      for (NDArray copy : copies) {
        NDArray gradient = gradients.remove(copy);
        if (gradient != null) {
          read.add(copy);
          cotangents.add(gradient);
        }
      }
      if (!read.isEmpty()) {
        back(read, cotangents, parameters);
        read.forEach(NDArray::close);
        cotangents.forEach(NDArray::close);
      }
    }

    private void back(NDList outputs, NDList cotangents, NDList inputs) {
      add(inputs, Gradients.through(scope, outputs, cotangents, inputs));
    }

    private void add(NDList inputs, NDList found) {
      for (int i = 0; i < inputs.size(); i++) {
        NDArray news = found.get(i);
        if (news.size() == 0) {
          news.close();
          continue;
        }
        NDArray old = gradients.put(inputs.get(i), news);
        if (old != null) {
          NDList sum = Gradients.sum(scope, new NDList(old), new NDList(news));
          gradients.put(inputs.get(i), sum.get(0));
          old.close();
          news.close();
        }
      }
    }
  }
}
