/**
 * Goldens: how tests read fixtures, declare them and report how far ours is from them. There are
 * two sets: one made with the official implementation, where it is at hand, and the project's own,
 * computed in float64 from the published formulas by {@code src/test/python/own_goldens.py}; a
 * class marked {@code @OwnGoldens} runs over both. Nothing of a fixture is written into a test, so
 * that a set made from another seed passes unchanged: {@code -Dgolden.dir=FOLDER}.
 *
 * <p>A test class says {@code @GoldenFixture("rope")}, opens {@code Golden.open("rope")} and
 * compares; the inventory test requires that every file of the folder is declared by some class.
 * Start at {@link io.dinoflow.model.golden.Golden}.
 */
package io.dinoflow.model.golden;
