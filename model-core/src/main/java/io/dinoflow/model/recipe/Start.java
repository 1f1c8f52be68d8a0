package io.dinoflow.model.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.dinoflow.model.artifact.Sha256;

/** What a Train stage begins with. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Start.Fresh.class, name = "fresh"),
  @JsonSubTypes.Type(value = Start.Continue.class, name = "continue"),
  @JsonSubTypes.Type(value = Start.FromTeacher.class, name = "from_teacher"),
  @JsonSubTypes.Type(value = Start.FromCheckpoint.class, name = "from_checkpoint")
})
public sealed interface Start {

  /** Random weights of this architecture, step 0. */
  record Fresh(BackboneRecipe student, HeadRecipe dinoHead, HeadRecipe ibotHead) implements Start {
    /**
     * What decides the shapes of the weights and what they compute: the same for two starts whose
     * weights can stand for each other.
     */
    public Fresh networks() {
      return new Fresh(student.network(), dinoHead, ibotHead);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.fresh(this);
    }
  }

  /** Goes on from the named stage's last checkpoint: step, moments, student and teacher. */
  record Continue(String from) implements Start {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.resume(this);
    }
  }

  /** The named stage's EMA teacher as student and teacher, step 0, fresh moments. */
  record FromTeacher(String from) implements Start {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.fromTeacher(this);
    }
  }

  /**
   * The EMA teacher of another run's checkpoint as student and teacher, step 0, fresh moments.
   *
   * @param checkpoint of a Train stage, with these networks; named by its id, so that two runs that
   *     begin with different checkpoints have different recipes
   */
  record FromCheckpoint(
      Sha256 checkpoint, BackboneRecipe student, HeadRecipe dinoHead, HeadRecipe ibotHead)
      implements Start {
    /** The same networks with random weights. */
    public Fresh architecture() {
      return new Fresh(student, dinoHead, ibotHead);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.fromCheckpoint(this);
    }
  }

  <R> R match(Cases<R> cases);

  /** One answer for each kind of start. */
  interface Cases<R> {
    R fresh(Fresh fresh);

    R resume(Continue from);

    R fromTeacher(FromTeacher from);

    R fromCheckpoint(FromCheckpoint from);
  }
}
