package io.dinoflow.storage.object;

import io.minio.AbortMultipartUploadArgs;
import io.minio.ListMultipartUploadsArgs;
import io.minio.MinioAsyncClient;
import io.minio.errors.MinioException;
import io.minio.messages.ListMultipartUploadsResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Uploads in parts that were begun in a bucket and never completed. */
final class S3Uploads {
  private final MinioAsyncClient client;
  private final String bucket;
  private final S3Retry retry;

  S3Uploads(MinioAsyncClient client, String bucket, S3Retry retry) {
    this.client = client;
    this.bucket = bucket;
    this.retry = retry;
  }

  List<ObjectStore.Upload> begunBefore(Instant begun) {
    List<ObjectStore.Upload> found = new ArrayList<>();
    String key = "";
    String id = "";
    while (true) {
      ListMultipartUploadsResult page = page(key, id);
      for (ListMultipartUploadsResult.Upload upload : page.uploads()) {
        Instant at = upload.initiated().toInstant();
        if (at.isBefore(begun)) {
          found.add(new ObjectStore.Upload(upload.objectName(), upload.uploadId(), at));
        }
      }
      if (!page.isTruncated()) {
        return found;
      }
      key = orEmpty(page.nextKeyMarker());
      id = orEmpty(page.nextUploadIdMarker());
    }
  }

  private ListMultipartUploadsResult page(String keyMarker, String idMarker) {
    ListMultipartUploadsArgs.Builder asked = ListMultipartUploadsArgs.builder();
    asked.bucket(bucket);
    if (!keyMarker.isEmpty()) {
      asked.keyMarker(keyMarker).uploadIdMarker(idMarker);
    }
    ListMultipartUploadsArgs args = asked.build();
    return retry.run(
        "list unfinished uploads", () -> answer(client.listMultipartUploads(args)).result());
  }

  void abort(ObjectStore.Upload upload) {
    try {
      retry.run(
          "abort the upload of " + upload.key(),
          () ->
              answer(
                  client.abortMultipartUpload(
                      AbortMultipartUploadArgs.builder()
                          .bucket(bucket)
                          .object(upload.key())
                          .uploadId(upload.id())
                          .build())));
    } catch (ObjectMissingException endedMeanwhile) {
      // completed or aborted by its writer: either way it is no longer unfinished
    }
  }

  private static <T> T answer(CompletableFuture<T> request) throws MinioException {
    try {
      return request.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof MinioException known) {
        throw known;
      }
      throw e;
    }
  }

  private static String orEmpty(@Nullable String marker) {
    return marker == null ? "" : marker;
  }
}
