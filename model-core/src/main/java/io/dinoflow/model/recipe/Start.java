package io.dinoflow.model.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a Train stage begins with. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Start.Fresh.class, name = "fresh"),
  @JsonSubTypes.Type(value = Start.Continue.class, name = "continue"),
  @JsonSubTypes.Type(value = Start.FromTeacher.class, name = "from_teacher")
})
public sealed interface Start {

  /** Random weights of this architecture, step 0. */
  record Fresh(BackboneRecipe student, HeadRecipe dinoHead, HeadRecipe ibotHead) implements Start {
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

  <R> R match(Cases<R> cases);

  /** One answer for each kind of start. */
  interface Cases<R> {
    R fresh(Fresh fresh);

    R resume(Continue from);

    R fromTeacher(FromTeacher from);
  }
}
