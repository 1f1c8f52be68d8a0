package io.dinoflow.storage.compose;

import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.ObjectStoreContract;
import io.dinoflow.storage.object.S3ObjectStore;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The object store's promises on the S3 server of {@code docker-compose.yml}. */
class ComposeObjectsIT extends ObjectStoreContract {
  private static final int PORT = 9000;
  private static final String ACCESS_KEY = "test-access";
  private static final String SECRET_KEY = "test-secret-123";
  private static final AtomicInteger BUCKETS = new AtomicInteger();
  private static GenericContainer<?> server;

  private S3ObjectStore store;

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop();
    }
  }

  /** Before each, so that each is skipped by name where it cannot run. */
  @BeforeEach
  void open() throws Exception {
    if (server == null) {
      server = started();
    }
    store =
        S3ObjectStore.connect(
            URI.create("http://%s:%d".formatted(server.getHost(), server.getMappedPort(PORT))),
            "bucket-" + BUCKETS.incrementAndGet(),
            ACCESS_KEY,
            SECRET_KEY);
  }

  private static GenericContainer<?> started() throws Exception {
    GenericContainer<?> container =
        ComposeService.container("s3")
            .withCommand("server", "/data")
            .withEnv("MINIO_ROOT_USER", ACCESS_KEY)
            .withEnv("MINIO_ROOT_PASSWORD", SECRET_KEY)
            .withExposedPorts(PORT)
            .waitingFor(Wait.forHttp("/minio/health/live").forPort(PORT));
    container.start();
    return container;
  }

  @AfterEach
  void close() throws Exception {
    if (store != null) {
      store.close();
    }
  }

  @Override
  protected ObjectStore store() {
    return store;
  }
}
