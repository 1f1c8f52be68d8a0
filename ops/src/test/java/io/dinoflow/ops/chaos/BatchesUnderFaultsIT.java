package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.activity.support.DatasetCache;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchSpec;
import io.dinoflow.model.data.Batches;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.Prefetcher;
import io.dinoflow.model.data.ShardWriter;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.S3ObjectStore;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.dinoflow.storage.testing.TestServers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches are the same whatever the object store answers on the way to their shards. */
class BatchesUnderFaultsIT {
  private static final int PICTURES = 200;
  private static final int BROKEN = 17;
  private static final int STEPS = 50;
  private static final long ONE_SHARD_A_FEW_PICTURES = 8 << 10;
  private static final int AGAIN_AND_AGAIN = 1_000_000;

  @TempDir Path folder;
  private final TestServers.Bucket bucket = TestServers.bucket();
  private final List<DatasetCache> caches = new ArrayList<>();
  private Database database;
  private S3ObjectStore direct;
  private HttpProxy proxy;
  private S3ObjectStore spoilt;
  private DatasetRef dataset;

  @BeforeEach
  void storeADatasetAndPutAProxyInFrontOfIt() throws Exception {
    database = TestServers.database();
    direct = bucket.connect();
    dataset = commit(Files.createDirectory(folder.resolve("made")));
    InetSocketAddress server =
        new InetSocketAddress(bucket.endpoint().getHost(), bucket.endpoint().getPort());
    proxy = new HttpProxy("objects", () -> Optional.of(server));
    proxy.start();
    spoilt =
        S3ObjectStore.connect(
            URI.create("http://127.0.0.1:" + proxy.port()),
            bucket.name(),
            bucket.accessKey(),
            bucket.secretKey());
  }

  @AfterEach
  void close() throws IOException {
    caches.forEach(DatasetCache::close);
    spoilt.close();
    proxy.close();
    direct.close();
    database.close();
  }

  @Test
  void fiftyBatchesAreTheSameForOneWorkerForFourAndAmid503s() throws Exception {
    List<String> undisturbed = new ArrayList<>();
    try (Prefetcher<Batch> batches = batches(direct, "one", 0, 1)) {
      for (int step = 0; step < STEPS; step++) {
        undisturbed.add(digest(batches.next()));
      }
    }
    assertThat(undisturbed).doesNotHaveDuplicates();
    int shards = shards();
    assertThat(shards).isGreaterThan(10);

    List<String> disturbed = new ArrayList<>();
    proxy.refuseFirst();
    try (Prefetcher<Batch> batches = batches(spoilt, "four", 0, 4)) {
      for (int step = 0; step < STEPS; step++) {
        disturbed.add(digest(batches.next()));
      }
    }
    assertThat(proxy.refused())
        .as("the first request for each shard was answered with 503")
        .isGreaterThanOrEqualTo(shards);
    assertThat(disturbed).isEqualTo(undisturbed);
  }

  @Test
  void anOutageFailsTheAttemptAndTheNextOneGoesOnWithTheSameBatches() throws Exception {
    List<String> undisturbed = new ArrayList<>();
    try (Prefetcher<Batch> batches = batches(direct, "one", 0, 1)) {
      for (int step = 0; step < STEPS; step++) {
        undisturbed.add(digest(batches.next()));
      }
    }

    List<String> trained = new ArrayList<>();
    try (Prefetcher<Batch> batches = batches(spoilt, "first", 0, 4)) {
      trained.add(digest(batches.next()));
      proxy.refuse(AGAIN_AND_AGAIN);
      assertThatThrownBy(
              () -> {
                while (trained.size() < STEPS) {
                  trained.add(digest(batches.next()));
                }
              })
          .isInstanceOf(StoreUnavailableException.class);
    }
    assertThat(trained).hasSizeLessThan(STEPS);
    proxy.forget();
    try (Prefetcher<Batch> batches = batches(spoilt, "second", trained.size(), 4)) {
      while (trained.size() < STEPS) {
        trained.add(digest(batches.next()));
      }
    }
    assertThat(trained).isEqualTo(undisturbed);
  }

  /** All of them are read: the samples of so many steps lie in every one. */
  private int shards() {
    return Math.toIntExact(
        new ArtifactStore(database, direct)
            .manifest(dataset.version()).files().stream()
                .filter(file -> file.name().endsWith(".tar"))
                .count());
  }

  /** As a worker on a machine of its own makes them. */
  private Prefetcher<Batch> batches(
      S3ObjectStore objects, String machine, long firstStep, int workers) throws IOException {
    DatasetCache cache =
        new DatasetCache(
            new ArtifactStore(database, objects), new ManifestStore(), folder.resolve(machine));
    caches.add(cache);
    Dataset opened = cache.open(dataset);
    return Prefetcher.from(Batches.multiCrop(opened, spec()), firstStep, workers);
  }

  private static BatchSpec spec() {
    CropRecipe crops =
        new CropRecipe(
            List.of(new CropRecipe.Size(32, 16, 0, 1)),
            List.of(0.32, 1.0),
            4,
            List.of(0.05, 0.32),
            true,
            true,
            1,
            1,
            1,
            1,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225));
    return new BatchSpec(
        42, PICTURES / STEPS, crops, BatchSpec.GramCrops.NONE, 8, 0.5, List.of(0.1, 0.5));
  }

  private DatasetRef commit(Path made) throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<BlobFile> files;
    try (ShardWriter writer = new ShardWriter(made, ONE_SHARD_A_FEW_PICTURES)) {
      for (int i = 0; i < PICTURES; i++) {
        byte[] picture = i == BROKEN ? new byte[] {1, 2, 3} : png(i);
        String key = "picture%03d".formatted(i);
        ShardWriter.Place place = writer.write(key, "png", picture, "", "");
        samples.add(
            new Sample(
                key,
                place.shard(),
                place.offset(),
                place.bytes(),
                Sha256.of(picture),
                24,
                24,
                "",
                "",
                key,
                false,
                "test",
                "",
                "",
                "all"));
      }
      files = new ArrayList<>(writer.finish());
    }
    files.add(new ManifestStore().write(samples, made.resolve(ManifestStore.FILE_NAME)));
    ArtifactRef ref =
        new ArtifactStore(database, direct)
            .commit(
                new ArtifactDraft(
                    ArtifactKind.SOURCE,
                    "noise",
                    Optional.empty(),
                    files,
                    Map.of(ArtifactDraft.SAMPLES, "" + PICTURES),
                    List.of(),
                    List.of()));
    return new DatasetRef(ArtifactKind.SOURCE, "noise", ref.id(), PICTURES);
  }

  private static byte[] png(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 24 * 24; i++) {
      image.setRGB(i % 24, i / 24, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static String digest(Batch batch) {
    MessageDigest digest = Sha256.newDigest();
    update(digest, batch.globals());
    update(digest, batch.locals());
    digest.update(batch.masks().duplicate());
    return Sha256.ofDigest(digest.digest()) + " " + batch.samples();
  }

  private static void update(MessageDigest digest, FloatBuffer floats) {
    ByteBuffer bytes = ByteBuffer.allocate(floats.remaining() * Float.BYTES);
    bytes.asFloatBuffer().put(floats.duplicate());
    digest.update(bytes);
  }
}
