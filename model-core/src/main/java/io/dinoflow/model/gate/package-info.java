/**
 * Whether a new model may take an old one's place: conditions that people write, and the test on
 * paired answers that decides them.
 *
 * <p>May use artifact, eval, recipe and tensor. Start at {@link io.dinoflow.model.gate.Gate}; what
 * it compares is a {@link io.dinoflow.model.gate.Scorecard}, what comes out a {@link
 * io.dinoflow.model.gate.Verdict}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.model.gate;
