package io.dinoflow.model.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Which frozen backbone, if any, holds the patch similarities in place. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = GramTeacherRecipe.None.class, name = "none"),
  @JsonSubTypes.Type(value = GramTeacherRecipe.FromCheckpoint.class, name = "from_checkpoint"),
  @JsonSubTypes.Type(value = GramTeacherRecipe.RefreshedEvery.class, name = "refreshed_every")
})
public sealed interface GramTeacherRecipe {

  /** No Gram loss. */
  record None() implements GramTeacherRecipe {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.none();
    }
  }

  /** The EMA teacher of the named stage's last checkpoint, for the whole stage. */
  record FromCheckpoint(String from, GramLossRecipe loss) implements GramTeacherRecipe {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.fromCheckpoint(this);
    }
  }

  /**
   * Begins with the EMA teacher the stage starts from, and takes the stage's own EMA teacher every
   * so many steps.
   *
   * @param updateFrequency steps of the stage between two refreshes
   * @param maxUpdates refreshes at most; 0 for no limit
   */
  record RefreshedEvery(int updateFrequency, int maxUpdates, GramLossRecipe loss)
      implements GramTeacherRecipe {
    public RefreshedEvery {
      Check.atLeast("gram.update_frequency", updateFrequency, 1);
      Check.atLeast("gram.max_updates", maxUpdates, 0);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.refreshedEvery(this);
    }
  }

  /** Options of the Gram loss; its weight may follow a schedule. */
  record GramLossRecipe(
      Schedule weight,
      boolean normalized,
      boolean imgLevel,
      boolean removeNeg,
      boolean removeOnlyTeacherNeg) {}

  <R> R match(Cases<R> cases);

  /** Whether there is a Gram loss over all patches of a batch together. */
  static boolean comparesWholeBatches(GramTeacherRecipe gram) {
    return gram instanceof FromCheckpoint from && !from.loss().imgLevel()
        || gram instanceof RefreshedEvery every && !every.loss().imgLevel();
  }

  /** One answer for each choice. */
  interface Cases<R> {
    R none();

    R fromCheckpoint(FromCheckpoint from);

    R refreshedEvery(RefreshedEvery every);
  }
}
