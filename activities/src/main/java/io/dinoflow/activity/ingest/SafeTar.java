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
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Reads tars and gzipped tars from strangers: as a stream, one member in memory, nothing unpacked
 * to disk.
 *
 * <p>Names that climb out ({@code ../}, absolute), links, devices and archives beyond the limits
 * are refused as a whole, even where the member itself would be ignored: an archive that tries is
 * not one whose other members are believed.
 */
final class SafeTar {

  /** Sizes of members and archives that are accepted, after decompression. */
  record Limits(long memberBytesMax, long totalBytesMax, long membersMax) {
    static final Limits DEFAULT = new Limits(64L << 20, 1L << 38, 5_000_000);
  }

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
        TarArchiveInputStream tar = new TarArchiveInputStream(unzipped(name, file))) {
      read(name, tar, wanted, visitor);
    }
  }

  private static InputStream unzipped(String name, InputStream in) throws IOException {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tgz") || lower.endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private void read(
      String archive, TarArchiveInputStream tar, Predicate<String> wanted, Visitor visitor)
      throws IOException {
    long members = 0;
    long total = 0;
    while (true) {
      TarArchiveEntry entry = next(archive, tar);
      if (entry == null) {
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
      String archive, TarArchiveInputStream tar) {
    try {
      return tar.getNextEntry();
    } catch (IOException | RuntimeException e) {
      throw new BadSourceException(
          "archive %s is truncated or no tar: %s".formatted(archive, e.getMessage()), e);
    }
  }

  private static byte[] bytes(String archive, TarArchiveInputStream tar, TarArchiveEntry entry) {
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
    if (!entry.isFile() && !entry.isDirectory()) {
      throw new UnsafeArchiveException(archive, "%s is no plain file".formatted(name));
    }
    if (name.startsWith("/") || name.indexOf('\\') >= 0 || name.matches("[A-Za-z]:.*")) {
      throw new UnsafeArchiveException(archive, "%s is an absolute name".formatted(name));
    }
    for (String part : name.split("/", -1)) {
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
}
