package io.dinoflow.activity.ingest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Reads tars and gzipped tars from strangers: as a stream, one member in memory, nothing unpacked
 * to disk.
 *
 * <p>Names that climb out ({@code ../}, absolute), links, devices and archives beyond the limits
 * are refused as a whole, even where the member itself would be ignored: an archive that tries is
 * not one whose other members are believed. So is one that ends without its end mark or without its
 * checksum: what is missing cannot be told from what never was.
 */
final class SafeTar {

  /**
   * Sizes of members and archives that are accepted, after decompression.
   *
   * @param ratioMax bytes that one compressed byte may become, once more than {@code
   *     ratioCheckedFromBytes} came out
   */
  record Limits(
      long memberBytesMax,
      long totalBytesMax,
      long membersMax,
      long ratioMax,
      long ratioCheckedFromBytes) {
    static final Limits DEFAULT = new Limits(64L << 20, 1L << 38, 5_000_000, 100, 16L << 20);
  }

  private static final int NAME_CHARS_MAX = 1024;
  private static final int DEPTH_MAX = 32;

  /** Takes the next member. */
  @FunctionalInterface
  interface Visitor {
    ImageSource.Verdict visit(String name, byte[] bytes) throws IOException;
  }

  private final Limits limits;

  SafeTar(Limits limits) {
    this.limits = limits;
  }

  SafeTar() {
    this(Limits.DEFAULT);
  }

  /**
   * @param wanted names whose bytes are read; the others are checked and skipped
   */
  void read(Path archive, Predicate<String> wanted, Visitor visitor) throws IOException {
    String name = archive.getFileName().toString();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        InputStream plain = unzipped(archive, name, file);
        StrictTarStream tar = new StrictTarStream(name, plain)) {
      read(name, tar, wanted, visitor);
    }
  }

  private InputStream unzipped(Path archive, String name, InputStream in) throws IOException {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!lower.endsWith(".tgz") && !lower.endsWith(".gz")) {
      return in;
    }
    long most = Math.max(limits.ratioCheckedFromBytes(), Files.size(archive) * limits.ratioMax());
    try {
      return new InflationLimit(name, new GZIPInputStream(in, 1 << 16), most);
    } catch (IOException e) {
      throw new BadSourceException(
          "archive %s is no gzip file, as its name says: %s".formatted(name, e.getMessage()), e);
    }
  }

  private void read(String archive, StrictTarStream tar, Predicate<String> wanted, Visitor visitor)
      throws IOException {
    long members = 0;
    long total = 0;
    while (true) {
      TarArchiveEntry entry = next(archive, tar);
      if (entry == null) {
        finish(archive, tar);
        return;
      }
      members++;
      total += entry.getSize();
      check(archive, entry, members, total);
      if (entry.isFile() && wanted.test(entry.getName())) {
        if (visitor.visit(entry.getName(), bytes(archive, tar, entry))
            == ImageSource.Verdict.ENOUGH) {
          return;
        }
      }
    }
  }

  private static @org.jspecify.annotations.Nullable TarArchiveEntry next(
      String archive, StrictTarStream tar) {
    try {
      return tar.getNextEntry();
    } catch (UnsafeArchiveException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new BadSourceException(
          "archive %s is truncated or no tar: %s".formatted(archive, e.getMessage()), e);
    }
  }

  /** Behind the end mark lies padding, and in a gzip file the checksum of it all. */
  private static void finish(String archive, StrictTarStream tar) {
    try {
      if (!tar.sawEndMark()) {
        throw new BadSourceException(
            "archive %s is truncated: it ends without a tar's end mark".formatted(archive));
      }
      tar.drain();
    } catch (IOException e) {
      throw new BadSourceException(
          "archive %s is truncated or damaged at its end: %s".formatted(archive, e.getMessage()),
          e);
    }
  }

  private static byte[] bytes(String archive, StrictTarStream tar, TarArchiveEntry entry) {
    try {
      byte[] bytes = tar.readNBytes(Math.toIntExact(entry.getSize()));
      if (bytes.length != entry.getSize()) {
        throw new BadSourceException(
            "archive %s ends within %s".formatted(archive, entry.getName()));
      }
      return bytes;
    } catch (IOException e) {
      throw new BadSourceException(
          "archive %s is damaged at %s: %s".formatted(archive, entry.getName(), e.getMessage()), e);
    }
  }

  private void check(String archive, TarArchiveEntry entry, long members, long total) {
    String name = entry.getName();
    if (entry.isSymbolicLink() || entry.isLink()) {
      throw new UnsafeArchiveException(archive, "%s is a link".formatted(name));
    }
    if (entry.isSparse() || !isPlain(entry)) {
      throw new UnsafeArchiveException(archive, "%s is no plain file".formatted(name));
    }
    if (name.length() > NAME_CHARS_MAX) {
      throw new UnsafeArchiveException(
          archive,
          "a name has %d characters, at most %d are read".formatted(name.length(), NAME_CHARS_MAX));
    }
    if (name.startsWith("/") || name.indexOf('\\') >= 0 || name.matches("[A-Za-z]:.*")) {
      throw new UnsafeArchiveException(archive, "%s is an absolute name".formatted(name));
    }
    String[] parts = name.split("/", -1);
    if (parts.length > DEPTH_MAX) {
      throw new UnsafeArchiveException(
          archive,
          "%s lies %d folders deep, at most %d are read".formatted(name, parts.length, DEPTH_MAX));
    }
    for (String part : parts) {
      if (part.equals("..")) {
        throw new UnsafeArchiveException(archive, "%s leaves the archive".formatted(name));
      }
    }
    if (entry.getSize() < 0 || entry.getSize() > limits.memberBytesMax()) {
      throw new UnsafeArchiveException(
          archive,
          "%s has %d bytes, at most %d are read"
              .formatted(name, entry.getSize(), limits.memberBytesMax()));
    }
    if (members > limits.membersMax()) {
      throw new UnsafeArchiveException(
          archive, "it has more than %d members".formatted(limits.membersMax()));
    }
    if (total > limits.totalBytesMax()) {
      throw new UnsafeArchiveException(
          archive, "it unpacks to more than %d bytes".formatted(limits.totalBytesMax()));
    }
  }

  /** By its type alone; the library also takes devices for files. */
  private static boolean isPlain(TarArchiveEntry entry) {
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_NORMAL,
          TarConstants.LF_OLDNORM,
          TarConstants.LF_CONTIG,
          TarConstants.LF_DIR ->
          true;
      default -> false;
    };
  }
}
