package io.dinoflow.model.kernel;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Each test of the class runs where a GPU can be computed on; elsewhere it is skipped by name. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnCuda.Condition.class)
public @interface OnCuda {

  /** Methods rather than the class, so that each is reported as skipped under its own name. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return context.getTestMethod().isEmpty()
          ? ConditionEvaluationResult.enabled("a class")
          : computesOn("cuda:0");
    }

    /** Whether a test that wants the device can run here. */
    public static ConditionEvaluationResult computesOn(String device) {
      Accelerators here = Accelerators.here();
      return device.equals("cpu") || here.usable()
          ? ConditionEvaluationResult.enabled("computes on " + device)
          : ConditionEvaluationResult.disabled(
              "no CUDA device: %d GPUs, %s".formatted(here.cards().size(), here.library().words()));
    }
  }
}
