/**
 * What a run does: one tree of immutable records that is the YAML file, the workflow's input and
 * the lineage key.
 *
 * <p>Knows names, ranges, units and legal combinations; not how anything is computed or stored.
 * Depends on the JDK and Jackson annotations. Fields carry the official DINOv3 names in snake_case.
 * Start at {@link io.dinoflow.model.recipe.PipelineRecipe}, then {@link
 * io.dinoflow.model.recipe.StageRecipe}.
 */
package io.dinoflow.model.recipe;
