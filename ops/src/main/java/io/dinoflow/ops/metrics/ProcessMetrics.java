package io.dinoflow.ops.metrics;

import io.dinoflow.ops.Build;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Everything that this process measures, as Prometheus reads it.
 *
 * <p>All rooms write to Micrometer's global registry, as they log to one logger; it costs them
 * nothing where nobody installed this. One a process; close it when the process no longer answers.
 */
public final class ProcessMetrics implements AutoCloseable {
  /** What {@link #text} is, for a Content-Type header. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics collections = new JvmGcMetrics();

  private ProcessMetrics(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Begins to measure.
   *
   * @param process what it is called: {@code supervisor}, {@code page} or {@code worker-ROLE}
   */
  public static ProcessMetrics install(String process) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ProcessMetrics metrics = new ProcessMetrics(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    metrics.collections.bindTo(registry);
    Gauge.builder("dinoflow.process.up", () -> 1)
        .description("Always 1; its labels say what this process is")
        .tags("process", process, "version", Build.current().version())
        .register(registry);
    if (Files.isReadable(STATUS)) {
      // tensors lie outside of the heap: only this shows them
      Gauge.builder("dinoflow.process.resident", ProcessMetrics::residentBytes)
          .description("Memory of the process that is in RAM, tensors included")
          .baseUnit("bytes")
          .register(registry);
    }
    Metrics.addRegistry(registry);
    return metrics;
  }

  private static double residentBytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(RESIDENT))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** All metrics in Prometheus' text format. */
  public String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    Metrics.removeRegistry(registry);
    collections.close();
    registry.close();
  }
}
