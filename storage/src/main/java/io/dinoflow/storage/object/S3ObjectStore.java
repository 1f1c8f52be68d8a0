package io.dinoflow.storage.object;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.UploadObjectArgs;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import okhttp3.OkHttpClient;

/**
 * Objects in one bucket of an S3 server that honours {@code If-None-Match: *} on a PUT.
 *
 * <p>A file above {@value #PART_BYTES} bytes goes up in parts. S3 offers the condition there only
 * on some servers, so its absence is asked for first; two writers that pass that question at once
 * both write, which is harmless for keys named by a digest, the only ones this product uses.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final long PART_BYTES = 64L << 20;
  private static final String REGION = "us-east-1";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Between two bytes, not for a whole object: a large one may take long while it moves. */
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

  private static final Map<String, String> ONLY_IF_ABSENT = Map.of("If-None-Match", "*");

  private final MinioClient client;
  private final S3Uploads uploads;
  private final String bucket;
  private final S3Retry retry;

  private S3ObjectStore(
      MinioClient client, MinioAsyncClient uploads, String bucket, S3Retry retry) {
    this.client = client;
    this.uploads = new S3Uploads(uploads, bucket, retry);
    this.bucket = bucket;
    this.retry = retry;
  }

  /**
   * Connects, and makes the bucket if it is not there.
   *
   * @param endpoint such as {@code http://127.0.0.1:9000}
   */
  public static S3ObjectStore connect(
      URI endpoint, String bucket, String accessKey, String secretKey) {
    OkHttpClient http =
        new OkHttpClient.Builder()
            .connectTimeout(CONNECT_TIMEOUT)
            .readTimeout(STALL_TIMEOUT)
            .writeTimeout(STALL_TIMEOUT)
            .retryOnConnectionFailure(true)
            .build();
    MinioClient client =
        MinioClient.builder()
            .endpoint(endpoint.toString())
            .region(REGION)
            .credentials(accessKey, secretKey)
            .httpClient(http, true)
            .build();
    // the plain client does not show uploads in parts; both share one pool of connections
    MinioAsyncClient uploads =
        MinioAsyncClient.builder()
            .endpoint(endpoint.toString())
            .region(REGION)
            .credentials(accessKey, secretKey)
            .httpClient(http, false)
            .build();
    S3ObjectStore store =
        new S3ObjectStore(client, uploads, bucket, new S3Retry(endpoint + "/" + bucket));
    store.makeBucketIfAbsent();
    return store;
  }

  private void makeBucketIfAbsent() {
    retry.run(
        "make the bucket",
        () -> {
          if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
            try {
              client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
            } catch (MinioException e) {
              if (!S3Retry.codeOf(e).equals("BucketAlreadyOwnedByYou")
                  && !S3Retry.codeOf(e).equals("BucketAlreadyExists")) {
                throw e;
              }
            }
          }
          return true;
        });
  }

  @Override
  public Put putIfAbsent(String key, Path file) {
    Keys.checked(key);
    long bytes = fileSize(file);
    if (bytes > PART_BYTES && size(key).isPresent()) {
      return Put.EXISTED;
    }
    return putting(
        key,
        () -> {
          UploadObjectArgs.Builder upload = UploadObjectArgs.builder();
          upload.bucket(bucket).object(key).filename(file.toString(), PART_BYTES);
          if (bytes <= PART_BYTES) {
            upload.extraHeaders(ONLY_IF_ABSENT);
          }
          client.uploadObject(upload.build());
          return Put.CREATED;
        });
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    Keys.checked(key);
    return putting(
        key,
        () -> {
          client.putObject(
              PutObjectArgs.builder()
                  .bucket(bucket)
                  .object(key)
                  .data(bytes, bytes.length)
                  .extraHeaders(ONLY_IF_ABSENT)
                  .build());
          return Put.CREATED;
        });
  }

  private Put putting(String key, S3Retry.Call<Put> put) {
    return retry.run(
        "put " + key,
        () -> {
          try {
            return put.call();
          } catch (MinioException e) {
            if (S3Retry.statusOf(e) == 412) {
              return Put.EXISTED;
            }
            throw e;
          }
        });
  }

  private static long fileSize(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InputStream open(String key) {
    return retry.run(
        "read " + Keys.checked(key),
        () -> client.getObject(GetObjectArgs.builder().bucket(bucket).object(key).build()));
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    if (length <= 0 || size(key).orElseThrow(() -> new ObjectMissingException(key)) <= offset) {
      return InputStream.nullInputStream();
    }
    return retry.run(
        "read " + key,
        () ->
            client.getObject(
                GetObjectArgs.builder()
                    .bucket(bucket)
                    .object(key)
                    .offset(offset)
                    .length(length)
                    .build()));
  }

  @Override
  public OptionalLong size(String key) {
    try {
      return retry.run(
          "stat " + Keys.checked(key),
          () ->
              OptionalLong.of(
                  client
                      .statObject(StatObjectArgs.builder().bucket(bucket).object(key).build())
                      .size()));
    } catch (ObjectMissingException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public Stream<Entry> list(String prefix) {
    Iterable<Result<Item>> pages =
        client.listObjects(
            ListObjectsArgs.builder().bucket(bucket).prefix(prefix).recursive(true).build());
    return StreamSupport.stream(pages.spliterator(), false)
        .map(page -> retry.run("list " + prefix, page::get))
        .map(item -> new Entry(item.objectName(), item.size(), item.lastModified().toInstant()));
  }

  @Override
  public void delete(String key) {
    try {
      retry.run(
          "delete " + Keys.checked(key),
          () -> {
            client.removeObject(RemoveObjectArgs.builder().bucket(bucket).object(key).build());
            return true;
          });
    } catch (ObjectMissingException alreadyDeleted) {
      // the promise is that it is gone, and it is
    }
  }

  @Override
  public List<Upload> unfinishedUploads(Instant begun) {
    return uploads.begunBefore(begun);
  }

  @Override
  public void abort(Upload upload) {
    uploads.abort(upload);
  }

  @Override
  public void close() throws IOException {
    try {
      client.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("closing the S3 client failed: " + e.getMessage(), e);
    }
  }
}
