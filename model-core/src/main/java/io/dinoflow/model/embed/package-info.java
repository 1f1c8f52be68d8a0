/**
 * Features of pictures, or of ready pixels, into one safetensors file.
 *
 * <p>Depends on hub for the preprocessing, on nn for the forward and on weights for the files.
 * Start at {@link io.dinoflow.model.embed.Embedder}.
 */
package io.dinoflow.model.embed;
