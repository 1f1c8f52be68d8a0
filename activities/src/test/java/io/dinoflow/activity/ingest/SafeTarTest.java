package io.dinoflow.activity.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTarTest {
  private static final SafeTar.Limits SMALL = new SafeTar.Limits(1000, 3000, 5, 100, 20_000);

  @TempDir Path folder;

  @Test
  void readsThePlainMembersInTheirOrder() throws Exception {
    TarFiles tar = new TarFiles().special("b/", TarConstants.LF_DIR);
    tar.add("b/1.png", "one").add("a/2.png", "two").add("readme.md", "not wanted");
    Map<String, String> found = read(new SafeTar(), tar.write(folder.resolve("a.tar")));
    assertThat(found).containsExactly(Map.entry("b/1.png", "one"), Map.entry("a/2.png", "two"));
  }

  @Test
  void readsGzippedTars() throws Exception {
    TarFiles tar = new TarFiles().add("a.png", "one");
    assertThat(read(new SafeTar(), tar.gzip(folder.resolve("a.tgz"))))
        .containsEntry("a.png", "one");
  }

  @Test
  void stopsWhereTheVisitorHasEnough() throws Exception {
    Path tar = new TarFiles().add("1.png", "1").add("../2.png", "2").write(folder.resolve("a.tar"));
    List<String> seen = new ArrayList<>();
    new SafeTar()
        .read(
            tar,
            name -> true,
            (name, bytes) -> {
              seen.add(name);
              return ImageSource.Verdict.ENOUGH;
            });
    assertThat(seen).containsExactly("1.png");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../a.png", "a/../../b.png", "a/..", "..", "x\\..\\a.png", "C:\\a.png", "c:a"})
  void refusesNamesThatLeaveTheArchive(String name) throws Exception {
    Path tar = new TarFiles().add(name, "x").write(folder.resolve("a.tar"));
    assertRefused(new SafeTar(), tar, name);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 150})
  void refusesAbsoluteNamesHoweverTheyAreWritten(int length) throws Exception {
    String name = "/" + "n".repeat(length) + ".png";
    assertRefused(
        new SafeTar(),
        new TarFiles().add(name, "x").write(folder.resolve("posix.tar")),
        "absolute");
    assertRefused(
        new SafeTar(),
        new TarFiles().gnuLongNames().add(name, "x").write(folder.resolve("gnu.tar")),
        "absolute");
  }

  @ParameterizedTest
  @ValueSource(
      bytes = {
        TarConstants.LF_LINK,
        TarConstants.LF_SYMLINK,
        TarConstants.LF_CHR,
        TarConstants.LF_BLK,
        TarConstants.LF_FIFO
      })
  void refusesLinksAndDevicesThoughNobodyWantsThem(byte type) throws Exception {
    Path tar = new TarFiles().special("innocent.txt", type).write(folder.resolve("a.tar"));
    assertRefused(new SafeTar(), tar, "innocent.txt");
  }

  @Test
  void refusesMoreMembersThanAllowed() throws Exception {
    TarFiles tar = new TarFiles();
    for (int i = 0; i < 6; i++) {
      tar.add(i + ".txt", "");
    }
    assertRefused(new SafeTar(SMALL), tar.write(folder.resolve("a.tar")), "more than 5 members");
  }

  @Test
  void refusesMoreBytesThanAllowedInOneMemberOrInAll() throws Exception {
    byte[] most = new byte[1000];
    Path one = new TarFiles().add("a.png", new byte[1001]).write(folder.resolve("one.tar"));
    assertRefused(new SafeTar(SMALL), one, "1001 bytes, at most 1000");
    Path fits =
        new TarFiles()
            .add("a.png", most)
            .add("b.png", most)
            .add("c.png", most)
            .write(folder.resolve("3.tar"));
    assertThat(read(new SafeTar(SMALL), fits)).hasSize(3);
    TarFiles four = new TarFiles().add("a", most).add("b", most).add("c", most).add("d", "x");
    assertRefused(new SafeTar(SMALL), four.write(folder.resolve("4.tar")), "more than 3000 bytes");
  }

  @Test
  void refusesNamesTooLongOrTooDeep() throws Exception {
    TarFiles longName = new TarFiles().add("n".repeat(1025), "x");
    assertRefused(new SafeTar(), longName.write(folder.resolve("long.tar")), "1025 characters");
    TarFiles deep = new TarFiles().add("d/".repeat(32) + "a.png", "x");
    assertRefused(new SafeTar(), deep.write(folder.resolve("deep.tar")), "33 folders deep");
    TarFiles allowed = new TarFiles().add("d/".repeat(31) + "a".repeat(900) + ".png", "x");
    assertThat(read(new SafeTar(), allowed.write(folder.resolve("ok.tar")))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(chars = {'L', 'K', 'x', 'g'})
  void refusesAnExtendedNameThatWouldFillTheMemory(char type) throws Exception {
    long claimed = 7L << 30;
    Path tar = folder.resolve("a.tar");
    Files.write(tar, TarFiles.header("././@LongLink", type, claimed));
    assertRefused(new SafeTar(), tar, "65536 bytes");
  }

  @ParameterizedTest
  @ValueSource(chars = {'L', 'x', 'g'})
  void refusesExtendedHeadersOfExtendedHeaders(char type) throws Exception {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (int i = 0; i < 20_000; i++) {
      tar.write(TarFiles.header("././@LongLink", type, 6));
      tar.write(Arrays.copyOf("6 a=b\n".getBytes(UTF_8), 512));
    }
    Path file = Files.write(folder.resolve("a.tar"), tar.toByteArray());
    assertRefused(new SafeTar(), file, "follow each other");
  }

  @Test
  void refusesAGzipBombEvenWhereItsMembersAreSkipped() throws Exception {
    TarFiles bomb = new TarFiles().add("zeros.bin", new byte[1 << 20]);
    Path file = bomb.gzip(folder.resolve("a.tar.gz"));
    assertThat(Files.size(file)).isLessThan(3000);
    SafeTar reader = new SafeTar(new SafeTar.Limits(4 << 20, 8 << 20, 5, 100, 20_000));
    assertRefused(reader, file, "its size does not explain");
    SafeTar tolerant = new SafeTar(new SafeTar.Limits(4 << 20, 8 << 20, 5, 100, 2 << 20));
    assertThat(read(tolerant, file)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 513, 1 << 20, 60L << 20})
  void failsWhereAMemberClaimsMoreThanItHas(long claimed) throws Exception {
    Path tar = folder.resolve("a.tar");
    Files.write(tar, TarFiles.header("a.png", '0', claimed));
    Files.write(tar, "abc".getBytes(UTF_8), java.nio.file.StandardOpenOption.APPEND);
    assertThatThrownBy(() -> read(new SafeTar(), tar))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("a.tar");
  }

  @Test
  void treatsATarWithinATarAsBytes() throws Exception {
    byte[] inner = new TarFiles().add("../evil.png", "x").bytes();
    Path tar =
        new TarFiles().add("inner.tar", inner).add("a.png", "1").write(folder.resolve("a.tar"));
    assertThat(read(new SafeTar(), tar)).containsOnlyKeys("a.png");
  }

  @Test
  void namesAFileThatIsNoArchive() throws Exception {
    for (String name : List.of("a.tar", "a.tar.gz", "b.tgz")) {
      for (byte[] content : List.of(new byte[0], "no archive at all".repeat(99).getBytes(UTF_8))) {
        Path file = Files.write(folder.resolve(name), content);
        assertThatThrownBy(() -> read(new SafeTar(), file))
            .as("%s of %d bytes", name, content.length)
            .isInstanceOf(BadSourceException.class)
            .hasMessageContaining(name);
      }
    }
  }

  /**
   * Whatever the cut or the flipped byte, an archive fails as bad, or gives members as they were.
   */
  @Test
  void neverTakesATruncatedArchiveForAWholeOne() throws Exception {
    Map<String, String> whole = new LinkedHashMap<>();
    TarFiles members = new TarFiles();
    for (int i = 0; i < 12; i++) {
      String content = ("member " + i + " ").repeat(i * 37);
      whole.put(i + ".png", content);
      members.add(i + ".png", content);
    }
    byte[] tar = members.bytes();
    byte[] packed = TarFiles.gzipped(tar);
    // The end mark is two empty blocks, then padding; the first of them is enough.
    int end = tar.length;
    while (tar[end - 1] == 0) {
      end--;
    }
    int marked = (end + 511) / 512 * 512 + 512;
    long seed = 20_250_101;
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      boolean gzip = i % 2 == 1;
      byte[] archive = gzip ? packed : tar;
      int cut = random.nextInt(archive.length);
      Path file = folder.resolve(gzip ? "cut.tar.gz" : "cut.tar");
      Files.write(file, Arrays.copyOf(archive, cut));
      Map<String, String> found = new LinkedHashMap<>();
      if (!gzip && cut >= marked) {
        read(new SafeTar(), file, found);
        assertThat(found).isEqualTo(whole);
      } else {
        assertThatThrownBy(() -> read(new SafeTar(), file, found))
            .as("seed %d, %s cut at %d of %d", seed, file, cut, archive.length)
            .isInstanceOf(BadSourceException.class)
            .hasMessageContaining(file.getFileName().toString());
        assertThat(whole).containsAllEntriesOf(found);
      }
    }
  }

  @Test
  void takesNoDamagedByteOfAGzippedTarForContent() throws Exception {
    String content = "some text to compress ".repeat(20);
    byte[] packed = TarFiles.gzipped(new TarFiles().add("a.png", content).bytes());
    Path file = folder.resolve("flipped.tgz");
    int noticed = 0;
    // The header's flags, time and operating system decide nothing about the content.
    for (int at = 10; at < packed.length; at++) {
      byte[] flipped = packed.clone();
      flipped[at] ^= 0x10;
      Files.write(file, flipped);
      try {
        // Bits that only fill up the last byte of the stream decide nothing either.
        assertThat(read(new SafeTar(), file)).as("byte %d", at).containsEntry("a.png", content);
      } catch (BadSourceException | UnsafeArchiveException e) {
        noticed++;
      }
    }
    assertThat(noticed).isGreaterThanOrEqualTo(packed.length - 12);
  }

  private static void assertRefused(SafeTar reader, Path tar, String reason) {
    assertThatThrownBy(() -> read(reader, tar))
        .isInstanceOf(UnsafeArchiveException.class)
        .hasMessageContaining(tar.getFileName().toString())
        .hasMessageContaining(reason);
  }

  private static Map<String, String> read(SafeTar reader, Path tar) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    read(reader, tar, found);
    return found;
  }

  private static void read(SafeTar reader, Path tar, Map<String, String> found) throws IOException {
    reader.read(
        tar,
        Names::isPicture,
        (name, bytes) -> {
          found.put(name, new String(bytes, UTF_8));
          return ImageSource.Verdict.GO_ON;
        });
  }
}
