package io.dinoflow.activity.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Tars for tests, honest ones and others. */
final class TarFiles {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  TarFiles() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  TarFiles add(String name, byte[] content) throws IOException {
    // Keeps leading slashes, which honest writers drop.
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    // Equal tars at any time: what a flipped bit does to a compressed one depends on every byte.
    entry.setModTime(FileTime.from(Instant.EPOCH));
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
    return this;
  }

  TarFiles add(String name, String content) throws IOException {
    return add(name, content.getBytes(UTF_8));
  }

  /** A member without content: a link, a device, a folder. */
  TarFiles special(String name, byte type) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setLinkName("/etc/passwd");
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
    return this;
  }

  /** A long name as GNU tar writes it, instead of POSIX's extended header. */
  TarFiles gnuLongNames() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    return this;
  }

  byte[] bytes() throws IOException {
    tar.close();
    return bytes.toByteArray();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  Path gzip(Path file) throws IOException {
    return Files.write(file, gzipped(bytes()));
  }

  static byte[] gzipped(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    return packed.toByteArray();
  }

  /** A header that claims {@code size} bytes, with a right checksum. */
  static byte[] header(String name, char type, long size) {
    byte[] block = new byte[512];
    put(block, 0, name);
    put(block, 100, "0000644\0");
    put(block, 108, "0000000\0");
    put(block, 116, "0000000\0");
    put(block, 124, "%011o\0".formatted(size));
    put(block, 136, "00000000000\0");
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 257, "ustar\00000");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xFF;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    byte[] ascii = text.getBytes(UTF_8);
    System.arraycopy(ascii, 0, block, at, ascii.length);
  }
}
