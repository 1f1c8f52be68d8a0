/**
 * Fixtures made with the official implementation: how tests read them, declare them and report how
 * far ours is from them. Nothing of a fixture is written into a test, so that a set made from
 * another seed passes unchanged: {@code -Dgolden.dir=FOLDER}.
 *
 * <p>A test class says {@code @GoldenFixture("rope")}, opens {@code Golden.open("rope")} and
 * compares; the inventory test requires that every file of the folder is declared by some class.
 * Start at {@link io.dinoflow.model.golden.Golden}.
 */
package io.dinoflow.model.golden;
