package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What the API answers. These records are its promise within v1: fields are added, none changes its
 * meaning or goes. The document {@code openapi.json} describes them, and a test compares.
 */
final class ApiAnswers {
  private ApiAnswers() {}

  /**
   * A part of a list.
   *
   * @param nextCursor to be given for the next part; empty where this was the last
   */
  record Page<T>(List<T> items, Optional<String> nextCursor) {
    Page {
      items = List.copyOf(items);
    }
  }

  record Run(
      String id,
      String recipe,
      String recipeDigest,
      RunState state,
      String reason,
      Instant createdAt,
      Instant updatedAt,
      Optional<Instant> closedAt) {
    static Run of(RunRow row) {
      return new Run(
          row.id().value(),
          row.recipeName(),
          row.recipeDigest().hex(),
          row.state(),
          row.reason(),
          row.createdAt(),
          row.updatedAt(),
          row.closedAt());
    }
  }

  record Stage(
      String name,
      String kind,
      RunState state,
      String reason,
      List<String> outputs,
      Optional<String> reusedFrom,
      Optional<Instant> startedAt,
      Optional<Instant> finishedAt) {
    static Stage of(StageRow row) {
      return new Stage(
          row.name(),
          row.kind(),
          row.state(),
          row.reason(),
          row.outputs().stream().map(Sha256::hex).toList(),
          row.reusedFrom().map(RunId::value),
          row.startedAt(),
          row.finishedAt());
    }
  }

  record RunDetail(Run run, List<Stage> stages, Optional<String> temporalUrl) {}

  record Checkpoint(
      String id,
      String run,
      String stage,
      Optional<String> student,
      long step,
      String state,
      long bytes,
      Optional<String> parent,
      boolean head,
      boolean pinned,
      String stateDigest,
      Instant createdAt) {
    static Checkpoint of(CheckpointRow row) {
      return new Checkpoint(
          row.ref().id().hex(),
          row.ref().track().run().value(),
          row.ref().track().stage(),
          row.ref().track().student(),
          row.ref().step(),
          row.state().name(),
          row.bytes(),
          row.parent().map(Sha256::hex),
          row.head(),
          row.pinned(),
          row.ref().stateDigest().hex(),
          row.createdAt());
    }
  }

  record Part(String name, String sha256, long bytes) {
    static Part of(FileEntry file) {
      return new Part(file.name(), file.sha256().hex(), file.bytes());
    }
  }

  /** A value that is no finite number is absent. */
  record Score(String name, Optional<Double> value, Optional<Double> standardError) {
    static Score of(Metric metric) {
      return new Score(
          metric.name(),
          Optional.of(metric.value()).filter(Double::isFinite),
          metric.standardError().filter(Double::isFinite));
    }
  }

  /** Files and environment are known as long as the bytes are kept. */
  record CheckpointDetail(
      Checkpoint checkpoint,
      List<Part> files,
      Optional<Environment> environment,
      List<Score> metrics) {
    static CheckpointDetail of(
        CheckpointRow row, Optional<Manifest> manifest, List<Metric> metrics) {
      return new CheckpointDetail(
          Checkpoint.of(row),
          manifest.map(m -> m.files().stream().map(Part::of).toList()).orElse(List.of()),
          manifest.map(Manifest::environment),
          metrics.stream().map(Score::of).toList());
    }
  }

  record Node(
      String id,
      String kind,
      String name,
      Optional<String> run,
      Optional<String> stage,
      OptionalLong step,
      String state,
      int depth,
      Instant createdAt,
      Map<String, String> facts) {
    static Node of(Ancestry.Node node) {
      return new Node(
          node.artifact().ref().id().hex(),
          node.artifact().ref().kind().name(),
          node.artifact().name(),
          node.artifact().run().map(RunId::value),
          node.artifact().stage(),
          node.step(),
          node.state().name(),
          node.depth(),
          node.artifact().createdAt(),
          node.artifact().facts());
    }
  }

  record Edge(String kind, String from, String to, Map<String, String> attributes) {
    static Edge of(Ancestry.Edge edge) {
      return new Edge(edge.kind().name(), edge.from().hex(), edge.to().hex(), edge.attributes());
    }
  }

  record Lineage(
      String root,
      String direction,
      List<Node> nodes,
      List<Edge> edges,
      Optional<String> nextCursor) {}

  record Dataset(String name, String version, String kind, long samples, Instant createdAt) {
    static Dataset of(DatasetRow row) {
      return new Dataset(
          row.ref().name(),
          row.ref().version().hex(),
          row.ref().kind().name(),
          row.ref().samples(),
          row.createdAt());
    }
  }

  record Move(
      String alias,
      String kind,
      int version,
      Optional<Integer> replaced,
      String who,
      String why,
      Instant at) {
    static Move of(Promotion move) {
      return new Move(
          move.alias(),
          move.kind() == Promotion.Kind.PROMOTED ? "promoted" : "rolled_back",
          move.version(),
          move.replaced(),
          move.decision().who(),
          move.decision().why(),
          move.at());
    }
  }

  record Model(
      String model,
      int version,
      List<String> aliases,
      String checkpoint,
      String track,
      long step,
      Optional<String> evaluation,
      Instant registeredAt) {
    static Model of(ModelVersion version) {
      return new Model(
          version.model(),
          version.version(),
          version.aliases(),
          version.checkpoint().id().hex(),
          version.checkpoint().track().toString(),
          version.checkpoint().step(),
          version.evaluation().map(Sha256::hex),
          version.registeredAt());
    }
  }

  record ModelDetail(String model, List<Model> versions, List<Move> history) {}

  record Happening(String stage, String kind, String text, Instant at) {
    static Happening of(Event event) {
      return new Happening(event.stage(), event.kind(), event.text(), event.at());
    }
  }

  /** A firing, or a time at which one was due and none was. */
  record Firing(
      Instant firedAt,
      String outcome,
      String reason,
      Optional<String> run,
      String workflow,
      Map<String, Double> numbers) {
    static Firing of(SchedulePages.Row row) {
      Map<String, Double> finite = new TreeMap<>(row.numbers());
      finite.values().removeIf(value -> !Double.isFinite(value));
      return new Firing(
          row.firedAt(), row.outcome(), row.reason(), row.run(), row.workflow(), finite);
    }
  }

  record Schedule(
      String name,
      String recipe,
      String when,
      String state,
      String note,
      List<Instant> next,
      Optional<Firing> last) {
    static Schedule of(SchedulePages.Line line) {
      return new Schedule(
          line.name(),
          line.recipe(),
          line.when(),
          line.state().word(),
          line.note(),
          line.next(),
          line.last().map(Firing::of));
    }
  }

  record SchedulePage(List<Schedule> items, Optional<String> nextCursor, String notice) {}

  record ScheduleDetail(
      Schedule schedule,
      Optional<SchedulePages.Counts> counts,
      List<Firing> firings,
      String notice) {
    static ScheduleDetail of(SchedulePages.One page) {
      return new ScheduleDetail(
          Schedule.of(page.schedule()),
          page.counts(),
          page.firings().stream().map(Firing::of).toList(),
          page.notice());
    }
  }

  /** RFC 9457, with the way out. */
  record Problem(String type, String title, int status, String detail, String remedy) {
    static Problem of(ErrorPage page) {
      return new Problem("about:blank", page.what(), page.status(), page.why(), page.remedy());
    }
  }
}
