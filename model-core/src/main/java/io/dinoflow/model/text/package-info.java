/**
 * Text alignment in the way of dino.txt: captions to token ids, and the two towers that map
 * pictures and texts into one space, for training, evaluation and search.
 *
 * <p>May depend on recipe, nn, weights, kernel and tensor; training lives in {@code train}. Start
 * at {@link io.dinoflow.model.text.AlignedTowers}, then {@link io.dinoflow.model.text.Towers} and
 * {@link io.dinoflow.model.text.ClipTokenizer}.
 */
package io.dinoflow.model.text;
