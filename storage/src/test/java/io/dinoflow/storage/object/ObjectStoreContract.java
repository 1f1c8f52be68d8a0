package io.dinoflow.storage.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every object store promises. */
public abstract class ObjectStoreContract {
  @TempDir Path folder;

  /** An empty store; the same one for all calls within a test. */
  protected abstract ObjectStore store();

  @Test
  void givesBackWhatWasPut() throws Exception {
    assertThat(store().putIfAbsent("a/b.bin", "hello".getBytes(UTF_8)))
        .isEqualTo(ObjectStore.Put.CREATED);
    assertThat(read(store().open("a/b.bin"))).isEqualTo("hello");
    assertThat(store().size("a/b.bin")).hasValue(5);
  }

  @Test
  void keepsTheFirstOfTwoPuts() throws Exception {
    store().putIfAbsent("taken", "first".getBytes(UTF_8));
    assertThat(store().putIfAbsent("taken", "second".getBytes(UTF_8)))
        .isEqualTo(ObjectStore.Put.EXISTED);
    assertThat(store().putIfAbsent("taken", file("third"))).isEqualTo(ObjectStore.Put.EXISTED);
    assertThat(read(store().open("taken"))).isEqualTo("first");
  }

  @Test
  void letsExactlyOneOfManyWritersWin() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(8);
    try {
      List<Callable<ObjectStore.Put>> puts =
          IntStream.range(0, 8)
              .<Callable<ObjectStore.Put>>mapToObj(
                  i -> () -> store().putIfAbsent("race", ("writer " + i).getBytes(UTF_8)))
              .toList();
      int winners = 0;
      for (Future<ObjectStore.Put> put : writers.invokeAll(puts)) {
        winners += put.get() == ObjectStore.Put.CREATED ? 1 : 0;
      }
      assertThat(winners).isEqualTo(1);
    } finally {
      writers.shutdown();
    }
  }

  @Test
  void storesAFileOfSeveralPartsWhole() throws Exception {
    byte[] bytes = new byte[bytesOfABigFile()];
    new Random(7).nextBytes(bytes);
    Path big = Files.write(folder.resolve("big"), bytes);
    assertThat(store().putIfAbsent("big", big)).isEqualTo(ObjectStore.Put.CREATED);
    try (InputStream in = store().open("big")) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(store().putIfAbsent("big", big)).isEqualTo(ObjectStore.Put.EXISTED);
    int offset = bytes.length - 10;
    try (InputStream in = store().open("big", offset, 100)) {
      assertThat(in.readAllBytes())
          .isEqualTo(java.util.Arrays.copyOfRange(bytes, offset, bytes.length));
    }
  }

  /** Where size changes how a store writes, a size above that. */
  protected int bytesOfABigFile() {
    return 1 << 20;
  }

  @Test
  void opensARange() throws Exception {
    store().putIfAbsent("digits", "0123456789".getBytes(UTF_8));
    assertThat(read(store().open("digits", 3, 4))).isEqualTo("3456");
    assertThat(read(store().open("digits", 8, 100))).isEqualTo("89");
    assertThat(read(store().open("digits", 10, 1))).isEmpty();
  }

  @Test
  void storesAnEmptyObject() throws Exception {
    store().putIfAbsent("nothing", new byte[0]);
    assertThat(store().size("nothing")).hasValue(0);
    assertThat(read(store().open("nothing"))).isEmpty();
  }

  @Test
  void saysThatNothingIsUnderAKey() {
    assertThat(store().size("absent")).isEmpty();
    assertThatThrownBy(() -> store().open("absent"))
        .isInstanceOf(ObjectMissingException.class)
        .hasMessageContaining("absent");
    assertThatThrownBy(() -> store().open("absent", 0, 1))
        .isInstanceOf(ObjectMissingException.class);
  }

  @Test
  void listsKeysOfAPrefixInOrder() {
    Instant begun = Instant.now();
    for (String key : List.of("cas/b", "cas/a", "other/c")) {
      store().putIfAbsent(key, key.getBytes(UTF_8));
    }
    try (Stream<ObjectStore.Entry> entries = store().list("cas/")) {
      assertThat(entries)
          .allSatisfy(
              entry ->
                  assertThat(entry.modifiedAt())
                      .isBetween(begun.minusSeconds(60), Instant.now().plusSeconds(60)))
          .extracting(entry -> entry.key() + " " + entry.bytes())
          .containsExactly("cas/a 5", "cas/b 5");
    }
  }

  @Test
  void deletesAndDeletesAgain() {
    store().putIfAbsent("gone", new byte[] {1});
    store().delete("gone");
    store().delete("gone");
    assertThat(store().size("gone")).isEmpty();
    assertThat(store().putIfAbsent("gone", new byte[] {2})).isEqualTo(ObjectStore.Put.CREATED);
  }

  @Test
  void refusesKeysThatLeaveTheStore() {
    for (String key : List.of("../up", "/root", "a//b", "", ".hidden", "a/../b", "a b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> store().putIfAbsent(key, new byte[0]))
          .withMessageContaining("not allowed");
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("source"), text);
  }

  private static String read(InputStream in) throws IOException {
    try (in) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
