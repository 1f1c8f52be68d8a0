package io.dinoflow.model.recipe;

/** One student of a distillation group. */
public record StudentRecipe(String name, BackboneRecipe student) {
  public StudentRecipe {
    Check.name("students.name", name);
  }
}
