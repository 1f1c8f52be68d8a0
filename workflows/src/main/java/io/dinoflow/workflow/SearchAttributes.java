package io.dinoflow.workflow;

import io.temporal.common.SearchAttributeKey;
import java.util.Map;

/**
 * The typed search attributes of every workflow here; they must be registered in the namespace.
 *
 * <p>Upserted at stage and segment ends only: each upsert is an event of the history.
 */
public final class SearchAttributes {
  public static final SearchAttributeKey<String> DINO_RUN =
      SearchAttributeKey.forKeyword("DinoRun");
  public static final SearchAttributeKey<String> STAGE = SearchAttributeKey.forKeyword("Stage");
  public static final SearchAttributeKey<String> DATASET = SearchAttributeKey.forKeyword("Dataset");
  public static final SearchAttributeKey<String> DOMAIN = SearchAttributeKey.forKeyword("Domain");
  public static final SearchAttributeKey<String> RUN_STATUS =
      SearchAttributeKey.forKeyword("RunStatus");
  public static final SearchAttributeKey<Long> TRAIN_STEP = SearchAttributeKey.forLong("TrainStep");
  public static final SearchAttributeKey<Double> TRAIN_LOSS =
      SearchAttributeKey.forDouble("TrainLoss");

  /** Name to type as {@code temporal operator search-attribute create} spells it. */
  public static final Map<String, String> TYPES =
      Map.of(
          "DinoRun", "Keyword",
          "Stage", "Keyword",
          "Dataset", "Keyword",
          "Domain", "Keyword",
          "RunStatus", "Keyword",
          "TrainStep", "Int",
          "TrainLoss", "Double");

  private SearchAttributes() {}
}
