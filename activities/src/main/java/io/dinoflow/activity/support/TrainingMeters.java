package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.train.StepMetrics;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What training tells whoever watches the process: steps, pictures, durations, waiting for data,
 * and where the segment at hand stands.
 *
 * <p>Only the gauges carry the run and its stage, and only those of the segment that is open:
 * labels that name every run ever trained would grow without end. Open one for a segment, close it
 * when the segment ends; one a process at a time.
 */
final class TrainingMeters implements AutoCloseable {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(20),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };

  private static final MultiGauge LOSS =
      MultiGauge.builder("dinoflow.train.loss")
          .description("Total loss of the last step of the segment at hand")
          .register(Metrics.globalRegistry);
  private static final MultiGauge STEP =
      MultiGauge.builder("dinoflow.train.step.number")
          .description("Steps behind the state of the segment at hand")
          .register(Metrics.globalRegistry);

  private volatile double loss = Double.NaN;
  private volatile double step = Double.NaN;

  private TrainingMeters() {}

  static TrainingMeters open(RunId run, String stage) {
    TrainingMeters meters = new TrainingMeters();
    Tags tags = Tags.of("run", run.value(), "stage", stage);
    LOSS.register(List.of(MultiGauge.Row.of(tags, meters, now -> now.loss)), true);
    STEP.register(List.of(MultiGauge.Row.of(tags, meters, now -> now.step)), true);
    return meters;
  }

  void step(StepMetrics metrics) {
    Double total = metrics.values().get("total_loss");
    loss = total == null ? Double.NaN : total;
    step = metrics.step();
    Metrics.counter("dinoflow.train.steps").increment();
    Metrics.counter("dinoflow.train.images").increment(metrics.images());
    seconds("dinoflow.train.step", "A whole step", Tags.empty(), metrics.seconds());
    seconds("dinoflow.data.wait", "Waiting for a batch", Tags.empty(), metrics.dataWaitSeconds());
  }

  /**
   * A part of a step or of what stands between steps; one call is one more histogram.
   *
   * @param phase one of a few fixed words
   */
  static void phase(String phase, double seconds) {
    seconds("dinoflow.train.phase", "A part of training", Tags.of("phase", phase), seconds);
  }

  private static void seconds(String name, String description, Tags tags, double seconds) {
    Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(Metrics.globalRegistry)
        .record((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    LOSS.register(List.of(), true);
    STEP.register(List.of(), true);
  }
}
