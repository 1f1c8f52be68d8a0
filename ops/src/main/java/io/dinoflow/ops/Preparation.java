package io.dinoflow.ops;

import io.dinoflow.migrations.Migrations;
import io.dinoflow.workflow.SearchAttributes;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Makes services that somebody else runs ready for this version: tables, bucket, search attributes,
 * the schedules of maintenance. Safe to repeat and to run beside workers. The embedded stack does
 * the same while it starts.
 */
public final class Preparation {
  private static final int ANSWER_SECONDS_MAX = 30;

  private Preparation() {}

  /**
   * @param progress is told what was done
   * @throws ConfigProblemsException the namespace has an attribute of ours under another type
   */
  public static void apply(Services services, Consumer<String> progress) {
    int applied = Migrations.apply(services.database().dataSource());
    progress.accept("postgres  %d migrations applied".formatted(applied));
    services.objects();
    progress.accept("objects   bucket %s is there".formatted(services.config().objects().bucket()));
    List<String> registered = register(services.config().temporal());
    progress.accept(
        registered.isEmpty()
            ? "temporal  search attributes are there"
            : "temporal  search attributes registered: " + String.join(", ", registered));
    progress.accept("temporal  " + new MaintenanceSchedules(services).ensure());
  }

  private static List<String> register(OpsConfig.Temporal temporal) {
    OperatorServiceStubs stubs =
        OperatorServiceStubs.newServiceStubs(
            OperatorServiceStubsOptions.newBuilder()
                .setTarget(temporal.address())
                .validateAndBuildWithDefaults());
    try {
      Map<String, IndexedValueType> present =
          stubs
              .blockingStub()
              .withDeadlineAfter(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
              .listSearchAttributes(
                  ListSearchAttributesRequest.newBuilder()
                      .setNamespace(temporal.namespace())
                      .build())
              .getCustomAttributesMap();
      Map<String, IndexedValueType> missing = missing(present);
      if (!missing.isEmpty()) {
        stubs
            .blockingStub()
            .withDeadlineAfter(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
            .addSearchAttributes(
                AddSearchAttributesRequest.newBuilder()
                    .setNamespace(temporal.namespace())
                    .putAllSearchAttributes(missing)
                    .build());
      }
      return List.copyOf(missing.keySet());
    } finally {
      stubs.shutdownNow();
      stubs.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  private static Map<String, IndexedValueType> missing(Map<String, IndexedValueType> present) {
    Map<String, IndexedValueType> missing = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    SearchAttributes.TYPES.forEach(
        (name, word) -> {
          IndexedValueType type = indexed(word);
          IndexedValueType found = present.get(name);
          if (found == null) {
            missing.put(name, type);
          } else if (found != type) {
            problems.add(
                "Temporal's namespace has the search attribute %s as %s, it must be %s: use another namespace"
                    .formatted(name, found, type));
          }
        });
    if (!problems.isEmpty()) {
      throw new ConfigProblemsException(problems);
    }
    return missing;
  }

  /** {@code KeywordList} is INDEXED_VALUE_TYPE_KEYWORD_LIST. */
  private static IndexedValueType indexed(String word) {
    return IndexedValueType.valueOf(
        "INDEXED_VALUE_TYPE_"
            + word.replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT));
  }
}
