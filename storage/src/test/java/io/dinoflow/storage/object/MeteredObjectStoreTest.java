package io.dinoflow.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeteredObjectStoreTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ObjectStore store = new MeteredObjectStore(new InMemoryObjectStore());
  @TempDir Path folder;

  @BeforeEach
  void listen() {
    Metrics.addRegistry(meters);
  }

  @AfterEach
  void forget() {
    Metrics.removeRegistry(meters);
  }

  @Test
  void countsBytesThatWereWrittenOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "four");

    assertThat(store.putIfAbsent("a", new byte[3])).isEqualTo(ObjectStore.Put.CREATED);
    assertThat(store.putIfAbsent("b", file)).isEqualTo(ObjectStore.Put.CREATED);
    assertThat(store.putIfAbsent("a", new byte[3])).isEqualTo(ObjectStore.Put.EXISTED);

    assertThat(bytes("written")).isEqualTo(7);
    assertThat(requests("put", "ok")).isEqualTo(3);
  }

  @Test
  void countsBytesThatWereReadAndNotMore() throws IOException {
    store.putIfAbsent("a", "hello".getBytes(StandardCharsets.UTF_8));
    double before = bytes("read");
    try (InputStream in = store.open("a")) {
      assertThat(in.read()).isEqualTo('h');
      assertThat(in.readNBytes(2)).hasSize(2);
    }
    try (InputStream in = store.open("a", 1, 2)) {
      assertThat(in.readAllBytes()).hasSize(2);
    }

    assertThat(bytes("read") - before).isEqualTo(5);
    assertThat(requests("get", "ok")).isEqualTo(2);
  }

  @Test
  void tellsWhatIsMissingFromWhatFails() {
    assertThatThrownBy(() -> store.open("nothing")).isInstanceOf(ObjectMissingException.class);
    assertThatThrownBy(() -> store.open("../outside")).isInstanceOf(RuntimeException.class);

    assertThat(requests("get", "missing")).isEqualTo(1);
    assertThat(requests("get", "failed")).isEqualTo(1);
  }

  private double bytes(String direction) {
    return meters.find("dinoflow.storage.bytes").tag("direction", direction).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private long requests(String operation, String outcome) {
    return meters
        .get("dinoflow.storage.request")
        .tags("operation", operation, "outcome", outcome)
        .timer()
        .count();
  }
}
