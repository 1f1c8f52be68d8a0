package io.dinoflow.activity.support;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.activity.testing.Bench;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.ShardSource;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.dinoflow.storage.testing.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shards come ahead of their steps, and what goes wrong shows where they are needed. */
@Timeout(value = 300, unit = SECONDS)
class DatasetCacheIT {
  private static final int SHARDS = 3;

  @TempDir Path folder;
  private final Database database = TestServers.database();
  private final SlowStore objects = new SlowStore(new InMemoryObjectStore());
  private DatasetRef dataset;
  private DatasetCache cache;
  private ShardSource shards;

  @BeforeEach
  void storeADataset() throws IOException {
    ArtifactStore artifacts = new ArtifactStore(database, objects);
    List<BlobFile> files = new ArrayList<>();
    for (int i = 0; i < SHARDS; i++) {
      Path file = Files.writeString(folder.resolve(shard(i)), "bytes of shard " + i);
      files.add(
          new BlobFile(shard(i), file, Sha256.of(Files.readAllBytes(file)), Files.size(file)));
    }
    ManifestStore manifests = new ManifestStore();
    files.add(
        manifests.write(List.of(Bench.sample("only")), folder.resolve(ManifestStore.FILE_NAME)));
    dataset =
        new DatasetRef(
            ArtifactKind.SOURCE,
            "shards",
            artifacts
                .commit(
                    new ArtifactDraft(
                        ArtifactKind.SOURCE,
                        "shards",
                        Optional.empty(),
                        files,
                        Map.of(ArtifactDraft.SAMPLES, "1"),
                        List.of(),
                        List.of()))
                .id(),
            1);
    cache = new DatasetCache(artifacts, manifests, folder.resolve("cache"));
    shards = cache.open(dataset).shards();
  }

  @AfterEach
  void close() {
    objects.letThrough();
    cache.close();
    database.close();
  }

  @Test
  void announcedShardsComeWhileNobodyWaitsForThem() throws Exception {
    shards.soon(List.of(shard(0), shard(1), shard(2)));

    for (int i = 0; i < SHARDS; i++) {
      objects.awaitRead(content(i));
    }
    for (int i = 0; i < SHARDS; i++) {
      assertThat(shards.local(shard(i))).hasBinaryContent(content(i));
    }
    assertThat(objects.reads(content(1))).isOne();
  }

  @Test
  void whatADatasetHoldsIsReadOnceForAllItsShards() throws Exception {
    for (int i = 0; i < SHARDS; i++) {
      assertThat(shards.local(shard(i))).hasBinaryContent(content(i));
    }
    assertThat(objects.reads(dataset.version())).isOne();
  }

  @Test
  void aShardThatIsNeededDoesNotWaitForOthersOnTheirWay() throws Exception {
    objects.hold(content(0));
    shards.soon(List.of(shard(0)));
    objects.awaitRead(content(0));

    assertThat(shards.local(shard(1))).hasBinaryContent(content(1));
  }

  @Test
  void aReadThatFailedAheadIsTriedAgainWhereTheShardIsNeeded() throws Exception {
    objects.refuse(content(0), 1);
    shards.soon(List.of(shard(0)));
    objects.awaitRead(content(0));

    assertThat(shards.local(shard(0))).hasBinaryContent(content(0));
  }

  @Test
  void aStoreThatStaysAwayFailsWhoNeedsTheShard() throws Exception {
    objects.refuse(content(0), Integer.MAX_VALUE);
    shards.soon(List.of(shard(0)));
    objects.awaitRead(content(0));

    assertThatThrownBy(() -> shards.local(shard(0))).isInstanceOf(StoreUnavailableException.class);
    objects.refuse(content(0), 0);
    assertThat(shards.local(shard(0))).hasBinaryContent(content(0));
  }

  @Test
  void bytesThatCameAheadAreVerified() throws Exception {
    objects.spoil(content(0));
    shards.soon(List.of(shard(0)));
    objects.awaitRead(content(0));

    assertThatThrownBy(() -> shards.local(shard(0))).isInstanceOf(DamagedBlobException.class);
  }

  private static String shard(int i) {
    return "shard-%d.tar".formatted(i);
  }

  private static byte[] content(int i) {
    return ("bytes of shard " + i).getBytes(StandardCharsets.UTF_8);
  }
}
