/**
 * Recipes as text: strict reading with every problem at once, overrides, the canonical form and its
 * digest; official DINOv3 configurations as recipes ({@code OfficialImport}).
 *
 * <p>Depends on recipe, artifact and Jackson. Start at {@link
 * io.dinoflow.model.recipe.io.RecipeFormat}.
 */
package io.dinoflow.model.recipe.io;
