package io.dinoflow.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.storage.testing.TestServers;
import io.minio.CreateMultipartUploadArgs;
import io.minio.MinioAsyncClient;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
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
  void findsAndThrowsAwayUploadsThatNobodyFinished() throws Exception {
    try (MinioAsyncClient dying =
        MinioAsyncClient.builder()
            .endpoint(bucket.endpoint().toString())
            .region("us-east-1")
            .credentials(bucket.accessKey(), bucket.secretKey())
            .build()) {
      dying
          .createMultipartUpload(
              CreateMultipartUploadArgs.builder().bucket(bucket.name()).object("cas/half").build())
          .get();
    }
    Instant later = Instant.now().plusSeconds(60);

    assertThat(store.unfinishedUploads(Instant.now().minusSeconds(3600)))
        .as("young ones are left alone")
        .isEmpty();
    List<ObjectStore.Upload> found = store.unfinishedUploads(later);
    assertThat(found).extracting(ObjectStore.Upload::key).containsExactly("cas/half");
    store.abort(found.get(0));
    store.abort(found.get(0));
    assertThat(store.unfinishedUploads(later)).isEmpty();
    assertThat(store.size("cas/half")).isEmpty();
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
