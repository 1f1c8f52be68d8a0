/**
 * Text alignment in the way of dino.txt: captions to token ids, and both towers of a finished stage
 * for evaluation and search.
 *
 * <p>May depend on recipe, nn, weights, kernel and tensor; training lives in {@code train}. Start
 * at {@link io.dinoflow.model.text.AlignedTowers}.
 */
package io.dinoflow.model.text;
