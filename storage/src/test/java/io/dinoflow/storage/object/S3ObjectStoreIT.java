package io.dinoflow.storage.object;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.storage.testing.TestServers;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class S3ObjectStoreIT extends ObjectStoreContract {
  private TestServers.Bucket bucket;
  private S3ObjectStore store;

  @BeforeEach
  void open() {
    bucket = TestServers.bucket();
    store = bucket.connect();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Override
  protected ObjectStore store() {
    return store;
  }

  @Override
  protected int bytesOfABigFile() {
    return (64 << 20) + 1000;
  }

  @Test
  void saysThatCredentialsAreWrongWithoutRetrying() {
    assertThatThrownBy(
            () ->
                S3ObjectStore.connect(
                    bucket.endpoint(), bucket.name(), bucket.accessKey(), "wrong-secret"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("credentials");
  }
}
