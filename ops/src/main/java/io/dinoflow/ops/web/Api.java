package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.registry.ModelVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The read-only API, version 1: what it answers to which question. Knows nothing of HTTP; throws
 * what the stores throw, and {@link BadQueryException}. Thread-safe.
 *
 * <p>Every list is cut: {@code limit} items at most, newest first, and a cursor to go on with. A
 * cursor names the last item seen, so that what is made meanwhile neither repeats nor hides
 * anything.
 */
final class Api {
  static final String ROOT = "/api/v1";

  private static final int LIMIT = 50;
  private static final int LIMIT_MAX = 200;
  private static final int NODES = 200;
  private static final int NODES_MAX = 2_000;
  private static final int DEPTH_MAX = 1_000_000;
  private static final int SEEN_MAX = 100_000;
  private static final int DATASETS_MAX = 10_000;
  private static final Set<String> PAGED = Set.of("limit", "cursor");

  private final RunFacts facts;
  private final Function<RunId, Optional<String>> temporal;
  private final Supplier<SchedulePages.All> schedules;
  private final Function<String, SchedulePages.One> schedule;

  /**
   * @param temporal where Temporal's Web UI shows a run
   * @param schedules all of them, as they are now
   * @param schedule one of them by its name
   */
  Api(
      RunFacts facts,
      Function<RunId, Optional<String>> temporal,
      Supplier<SchedulePages.All> schedules,
      Function<String, SchedulePages.One> schedule) {
    this.facts = facts;
    this.temporal = temporal;
    this.schedules = schedules;
    this.schedule = schedule;
  }

  /** Answers a question, from the parameters of the query and the last part of the path. */
  @FunctionalInterface
  interface Answer {
    Object of(ApiQuery query, String name);
  }

  /**
   * @param path below {@value ROOT}; the parameter within it is always called {@code id}
   * @param parameters of the query
   */
  record Endpoint(String path, Set<String> parameters, Answer answer) {}

  /** All of them. */
  List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("/runs", PAGED, (query, id) -> runs(query)),
        new Endpoint("/runs/{id}", Set.of(), (query, id) -> run(id)),
        new Endpoint(
            "/checkpoints", Set.of("limit", "cursor", "run"), (query, id) -> checkpoints(query)),
        new Endpoint("/checkpoints/{id}", Set.of(), (query, id) -> checkpoint(id)),
        new Endpoint(
            "/lineage",
            Set.of("ref", "direction", "depth", "limit", "cursor"),
            (query, id) -> lineage(query)),
        new Endpoint("/datasets", PAGED, (query, id) -> datasets(query)),
        new Endpoint("/models", PAGED, (query, id) -> models(query)),
        new Endpoint("/models/{id}", Set.of(), (query, id) -> model(id)),
        new Endpoint("/schedules", PAGED, (query, id) -> schedules(query)),
        new Endpoint(
            "/schedules/{id}",
            Set.of(),
            (query, id) -> ApiAnswers.ScheduleDetail.of(schedule.apply(id))),
        new Endpoint("/events", Set.of("run", "limit", "cursor"), (query, id) -> events(query)));
  }

  private ApiAnswers.Page<ApiAnswers.Run> runs(ApiQuery query) {
    int limit = limit(query);
    Optional<RunId> cursor = query.text("cursor").map(this::runOfCursor);
    List<RunRow> rows = facts.runsAfter(cursor, limit + 1);
    return page(rows, limit, row -> row.id().value(), ApiAnswers.Run::of);
  }

  private ApiAnswers.RunDetail run(String id) {
    RunRow row = knownRun(id);
    return new ApiAnswers.RunDetail(
        ApiAnswers.Run.of(row),
        facts.stages(row.id()).stream().map(ApiAnswers.Stage::of).toList(),
        temporal.apply(row.id()));
  }

  private ApiAnswers.Page<ApiAnswers.Checkpoint> checkpoints(ApiQuery query) {
    int limit = limit(query);
    Optional<Sha256> cursor = query.text("cursor").map(Api::digest);
    Function<CheckpointRow, String> key = row -> row.ref().id().hex();
    if (query.text("run").isEmpty()) {
      return page(facts.checkpointsAfter(cursor, limit + 1), limit, key, ApiAnswers.Checkpoint::of);
    }
    List<CheckpointRow> all =
        new ArrayList<>(facts.checkpoints(knownRun(query.required("run")).id()));
    Collections.reverse(all);
    return page(after(all, cursor.map(Sha256::hex), key), limit, key, ApiAnswers.Checkpoint::of);
  }

  private ApiAnswers.CheckpointDetail checkpoint(String prefix) {
    CheckpointRow row = CheckpointPage.row(prefix, facts);
    Sha256 id = row.ref().id();
    return ApiAnswers.CheckpointDetail.of(row, facts.manifest(id), facts.metrics(id));
  }

  private ApiAnswers.Lineage lineage(ApiQuery query) {
    Sha256 root = artifact(query.required("ref"), facts);
    Ancestry.Direction direction = direction(query);
    int first = query.number("cursor", 0, 0, SEEN_MAX);
    Ancestry page =
        facts.ancestryPage(
            root,
            direction,
            query.number("depth", DEPTH_MAX, 1, DEPTH_MAX),
            first,
            query.number("limit", NODES, 1, NODES_MAX));
    return new ApiAnswers.Lineage(
        root.hex(),
        direction.name().toLowerCase(Locale.ROOT),
        page.nodes().stream().map(ApiAnswers.Node::of).toList(),
        page.edges().stream().map(ApiAnswers.Edge::of).toList(),
        page.truncated()
            ? Optional.of(Integer.toString(first + page.nodes().size()))
            : Optional.empty());
  }

  /** Up where nothing is said. */
  static Ancestry.Direction direction(ApiQuery query) {
    String word = query.text("direction").orElse("up");
    if (!word.equals("up") && !word.equals("down")) {
      throw new BadQueryException(
          "the parameter \"direction\" is \"%s\": give up (what it was made from) or down"
              .formatted(word));
    }
    return Ancestry.Direction.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private ApiAnswers.Page<ApiAnswers.Dataset> datasets(ApiQuery query) {
    Function<DatasetRow, String> key = row -> row.ref().version().hex();
    List<DatasetRow> rows = after(facts.datasets(DATASETS_MAX), query.text("cursor"), key);
    return page(rows, limit(query), key, ApiAnswers.Dataset::of);
  }

  private ApiAnswers.Page<ApiAnswers.Model> models(ApiQuery query) {
    Function<ModelVersion, String> key = version -> version.model() + "@" + version.version();
    List<ModelVersion> rows = after(facts.models(), query.text("cursor"), key);
    return page(rows, limit(query), key, ApiAnswers.Model::of);
  }

  private ApiAnswers.ModelDetail model(String name) {
    List<ModelVersion> versions =
        facts.models().stream().filter(version -> version.model().equals(name)).toList();
    if (versions.isEmpty()) {
      throw new UnknownIdException("no model is called \"" + name + "\"");
    }
    return new ApiAnswers.ModelDetail(
        name,
        versions.stream().map(ApiAnswers.Model::of).toList(),
        facts.promotions(name).stream().limit(LIMIT_MAX).map(ApiAnswers.Move::of).toList());
  }

  private ApiAnswers.SchedulePage schedules(ApiQuery query) {
    SchedulePages.All all = schedules.get();
    Function<SchedulePages.Line, String> key = SchedulePages.Line::name;
    ApiAnswers.Page<ApiAnswers.Schedule> page =
        page(
            after(all.schedules(), query.text("cursor"), key),
            limit(query),
            key,
            ApiAnswers.Schedule::of);
    return new ApiAnswers.SchedulePage(page.items(), page.nextCursor(), all.notice());
  }

  /** In the order they happened: nothing is ever put before what was seen. */
  private ApiAnswers.Page<ApiAnswers.Happening> events(ApiQuery query) {
    int limit = limit(query);
    int first = query.number("cursor", 0, 0, Integer.MAX_VALUE / 4);
    List<ApiAnswers.Happening> all =
        facts.events(knownRun(query.required("run")).id()).stream()
            .skip(first)
            .limit(limit + 1L)
            .map(ApiAnswers.Happening::of)
            .toList();
    boolean more = all.size() > limit;
    return new ApiAnswers.Page<>(
        more ? all.subList(0, limit) : all,
        more ? Optional.of(Integer.toString(first + limit)) : Optional.empty());
  }

  private static int limit(ApiQuery query) {
    return query.number("limit", LIMIT, 1, LIMIT_MAX);
  }

  /** Those behind the one that the cursor names. */
  private static <R> List<R> after(List<R> rows, Optional<String> cursor, Function<R, String> key) {
    if (cursor.isEmpty()) {
      return rows;
    }
    for (int i = 0; i < rows.size(); i++) {
      if (key.apply(rows.get(i)).equals(cursor.get())) {
        return rows.subList(i + 1, rows.size());
      }
    }
    throw new BadQueryException(
        "the cursor \"%s\" names nothing in this list".formatted(cursor.get()));
  }

  private static <R, A> ApiAnswers.Page<A> page(
      List<R> rows, int limit, Function<R, String> key, Function<R, A> answer) {
    boolean more = rows.size() > limit;
    List<R> kept = more ? rows.subList(0, limit) : rows;
    return new ApiAnswers.Page<>(
        kept.stream().map(answer).toList(),
        more ? Optional.of(key.apply(kept.get(limit - 1))) : Optional.empty());
  }

  private RunId runOfCursor(String typed) {
    try {
      return knownRun(typed).id();
    } catch (UnknownIdException e) {
      throw new BadQueryException("the cursor \"%s\" is none of this list".formatted(typed));
    }
  }

  private RunRow knownRun(String typed) {
    RunId id = runId(typed);
    return facts
        .run(id)
        .orElseThrow(() -> new UnknownIdException("no run %s was ever opened".formatted(id)));
  }

  /** An id (8 digits or more), the newest checkpoint of RUN/STAGE[/STUDENT], or a dataset. */
  static Sha256 artifact(String reference, RunFacts facts) {
    if (reference.contains("/")) {
      TrackId track = track(reference);
      return facts.checkpoints(track).stream()
          .filter(CheckpointRow::head)
          .map(row -> row.ref().id())
          .findFirst()
          .orElseThrow(() -> new UnknownIdException(track + " has no checkpoint"));
    }
    if (reference.matches("[0-9a-fA-F]{8,64}")) {
      ArtifactRow row = facts.find(reference.toLowerCase(Locale.ROOT));
      return row.ref().id();
    }
    return facts.datasets(DATASETS_MAX).stream()
        .map(DatasetRow::ref)
        .filter(dataset -> dataset.name().equals(reference))
        .map(DatasetRef::version)
        .findFirst()
        .orElseThrow(
            () ->
                new UnknownIdException(
                    "nothing is called \"%s\": give 8 to 64 hex digits of an id, RUN/STAGE or the"
                            .formatted(reference)
                        + " name of a dataset"));
  }

  private static TrackId track(String typed) {
    try {
      return TrackId.parse(typed);
    } catch (IllegalArgumentException e) {
      throw new UnknownIdException(String.valueOf(e.getMessage()));
    }
  }

  private static RunId runId(String typed) {
    try {
      return new RunId(typed);
    } catch (IllegalArgumentException e) {
      throw new UnknownIdException(String.valueOf(e.getMessage()));
    }
  }

  private static Sha256 digest(String typed) {
    if (!typed.matches("[0-9a-f]{64}")) {
      throw new BadQueryException("the cursor \"%s\" is none of this list".formatted(typed));
    }
    return new Sha256(typed);
  }
}
