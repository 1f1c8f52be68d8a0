package io.dinoflow.model.data;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes samples as WebDataset shards: POSIX tars (IEEE 1003.1-1988, ustar) in which members of one
 * basename are one sample. Owner, mode and time are constants, so equal samples give equal bytes
 * and a shard's digest names its content. One thread uses it.
 */
public final class ShardWriter implements Closeable {

  /** Where a picture's bytes came to lie. */
  public record Place(String shard, long offset, long bytes) {}

  private static final int BLOCK = 512;
  private static final int NAME_BYTES_MAX = 100;
  private static final Pattern NUMBERED = Pattern.compile("shard-(\\d{5,8})\\.tar");

  private final Path folder;
  private final long shardBytes;
  private final int first;
  private final List<BlobFile> finished = new ArrayList<>();
  private @Nullable Shard open;

  private static final class Shard {
    final String name;
    final Path file;
    final MessageDigest digest = Sha256.newDigest();
    final OutputStream out;
    long written;

    Shard(String name, Path file) throws IOException {
      this.name = name;
      this.file = file;
      this.out =
          new BufferedOutputStream(
              new DigestOutputStream(Files.newOutputStream(file), digest), 1 << 16);
    }

    void write(byte[] bytes) throws IOException {
      out.write(bytes);
      written += bytes.length;
    }
  }

  /**
   * @param folder receives the shards
   * @param shardBytes a shard that has reached this size is closed
   */
  public ShardWriter(Path folder, long shardBytes) {
    this(folder, shardBytes, 0);
  }

  /**
   * @param first number of the first shard, where others come before
   */
  public ShardWriter(Path folder, long shardBytes, int first) {
    this.folder = folder;
    this.shardBytes = shardBytes;
    this.first = first;
  }

  /** The first number after those of shards with these names. */
  public static int after(Collection<String> shards) {
    return shards.stream()
        .map(NUMBERED::matcher)
        .filter(Matcher::matches)
        .mapToInt(named -> Integer.parseInt(named.group(1)) + 1)
        .max()
        .orElse(0);
  }

  /**
   * @param key basename of the sample's members, unique in the dataset; {@link #key} makes one
   * @param extension of the picture, {@code png} or {@code jpeg}
   * @param caption,label members of their own where they are not empty
   */
  public Place write(String key, String extension, byte[] picture, String caption, String label)
      throws IOException {
    Shard shard = shard();
    header(shard, key + "." + extension, picture.length);
    long offset = shard.written;
    body(shard, picture);
    text(shard, key + ".txt", caption);
    text(shard, key + ".cls", label);
    if (shard.written >= shardBytes) {
      finish(shard);
    }
    return new Place(shard.name, offset, picture.length);
  }

  /** Closes the last shard; all of them, in order. */
  public List<BlobFile> finish() throws IOException {
    if (open != null) {
      finish(open);
    }
    return List.copyOf(finished);
  }

  /** Leaves what is unfinished as it is; {@link #finish} completes it. */
  @Override
  public void close() throws IOException {
    if (open != null) {
      open.out.close();
    }
  }

  private Shard shard() throws IOException {
    Shard current = open;
    if (current == null) {
      String name = "shard-%05d.tar".formatted(first + finished.size());
      current = new Shard(name, folder.resolve(name));
      open = current;
    }
    return current;
  }

  private void finish(Shard shard) throws IOException {
    // Two zero blocks end an archive.
    shard.write(new byte[2 * BLOCK]);
    shard.out.close();
    finished.add(
        new BlobFile(
            shard.name, shard.file, Sha256.ofDigest(shard.digest.digest()), shard.written));
    open = null;
  }

  private static void text(Shard shard, String name, String text) throws IOException {
    if (!text.isEmpty()) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      header(shard, name, utf8.length);
      body(shard, utf8);
    }
  }

  private static void body(Shard shard, byte[] bytes) throws IOException {
    shard.write(bytes);
    shard.write(new byte[(BLOCK - bytes.length % BLOCK) % BLOCK]);
  }

  private static void header(Shard shard, String name, int size) throws IOException {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    if (utf8.length >= NAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          "member name %s has %d bytes, must have fewer than %d"
              .formatted(name, utf8.length, NAME_BYTES_MAX));
    }
    byte[] block = new byte[BLOCK];
    System.arraycopy(utf8, 0, block, 0, utf8.length);
    put(block, 100, "0000644\0");
    put(block, 108, "0000000\0");
    put(block, 116, "0000000\0");
    put(block, 124, "%011o\0".formatted(size));
    put(block, 136, "00000000000\0");
    put(block, 156, "0");
    put(block, 257, "ustar\00000");
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xFF;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    shard.write(block);
  }

  private static void put(byte[] block, int at, String ascii) {
    byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  /**
   * A key made of any text: what is no letter, digit, {@code _} or {@code -} becomes {@code _}, and
   * a long one ends in a digest of the whole.
   */
  public static String key(String text) {
    int longest = 80;
    String plain = text.replaceAll("[^A-Za-z0-9_-]", "_");
    return Optional.of(plain)
        .filter(k -> k.length() <= longest)
        .orElseGet(() -> plain.substring(0, longest - 9) + "-" + Sha256.ofText(text).shortForm());
  }
}
