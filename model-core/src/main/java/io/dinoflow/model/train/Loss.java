package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * One learner's loss of one step.
 *
 * @param total scalar that is differentiated
 * @param parts detached scalars by their field names
 */
public record Loss(NDArray total, Map<String, NDArray> parts) {}
