package io.dinoflow.model.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.kernel.OnCuda;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** Keeps the promises of {@link GoldenFixture}. */
final class GoldenExtension
    implements ExecutionCondition, BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  private static final Namespace STORE = Namespace.create(GoldenExtension.class);

  /** Test methods of a class that have begun. */
  private record Begun(Set<Method> methods) {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    // Methods rather than the class, so that each is reported as skipped under its own name.
    if (context.getTestMethod().isEmpty()) {
      return ConditionEvaluationResult.enabled("a class");
    }
    if (!Files.isDirectory(Golden.folder())) {
      return ConditionEvaluationResult.disabled(
          "the folder of goldens is absent: " + Golden.folder().toAbsolutePath().normalize());
    }
    List<String> fixtures = fixtures(context);
    if (Golden.partial()
        && !fixtures.isEmpty()
        && fixtures.stream().noneMatch(GoldenExtension::held)) {
      return ConditionEvaluationResult.disabled(
          "the goldens of %s are a part, without %s".formatted(Golden.folder(), fixtures));
    }
    return OnCuda.Condition.computesOn(Golden.device());
  }

  private static boolean held(String fixture) {
    return !GoldenLedger.files(fixture).isEmpty();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(STORE)
        .getOrComputeIfAbsent("report", key -> (AutoCloseable) GoldenLedger::write);
    context.getStore(STORE).put("begun", new Begun(new HashSet<>()));
    if (Files.isDirectory(Golden.folder()) && !Golden.partial()) {
      for (String fixture : fixtures(context)) {
        assertThat(held(fixture)).as("files of the golden " + fixture).isTrue();
      }
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    begun(context).methods().add(context.getRequiredTestMethod());
  }

  /** Only after the whole class ran well: a single test may read a part. */
  @Override
  public void afterAll(ExtensionContext context) {
    List<Method> all =
        AnnotationSupport.findAnnotatedMethods(
            context.getRequiredTestClass(), Testable.class, HierarchyTraversalMode.TOP_DOWN);
    if (!begun(context).methods().containsAll(all)) {
      return;
    }
    for (String fixture : fixtures(context)) {
      for (Path file : GoldenLedger.files(fixture)) {
        assertThat(GoldenLedger.unread(file))
            .as("unread in %s of the golden %s", file.getFileName(), fixture)
            .isEmpty();
      }
    }
  }

  private static Begun begun(ExtensionContext context) {
    return context.getStore(STORE).get("begun", Begun.class);
  }

  private static List<String> fixtures(ExtensionContext context) {
    return List.of(context.getRequiredTestClass().getAnnotation(GoldenFixture.class).value());
  }
}
