package io.dinoflow.model.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What is done about a step that {@link HealthRecipe} refuses, before it is tried again. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Remedy.SkipBatches.class, name = "skip_batches"),
  @JsonSubTypes.Type(value = Remedy.LowerRate.class, name = "lower_rate"),
  @JsonSubTypes.Type(value = Remedy.Ask.class, name = "ask")
})
public sealed interface Remedy {

  /**
   * Leaves out the batch that failed and those that follow it.
   *
   * @param count batches left out
   */
  record SkipBatches(long count) implements Remedy {
    public SkipBatches {
      Check.within("on_divergence.count", count, 1, 1_000_000);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.skipBatches(this);
    }
  }

  /**
   * Multiplies the whole learning rate schedule.
   *
   * @param factor below 1
   */
  record LowerRate(double factor) implements Remedy {
    public LowerRate {
      Check.within("on_divergence.factor", factor, 0.001, 0.999);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.lowerRate(this);
    }
  }

  /** Pauses the run with the reason, until somebody resumes or cancels it. */
  record Ask() implements Remedy {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.ask();
    }
  }

  <R> R match(Cases<R> cases);

  /** One answer for each choice. */
  interface Cases<R> {
    R skipBatches(SkipBatches skip);

    R lowerRate(LowerRate lower);

    R ask();
  }
}
