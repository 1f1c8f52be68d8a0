package io.dinoflow.activity.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A tar stream that looks at headers before they are believed: extended names of any size would be
 * read into memory, and absolute ones silently made relative.
 */
final class StrictTarStream extends TarArchiveInputStream {
  private static final int EXTENDED_HEADER_BYTES_MAX = 1 << 16;

  /** Of each kind one, and some to spare; each costs a frame of the stack. */
  private static final int EXTENDED_HEADERS_MAX = 16;

  private static final int SIZE_AT = 124;
  private static final int SIZE_BYTES = 12;
  private static final int TYPE_AT = 156;
  private static final String EXTENDED_TYPES = "LKxXg";

  /** A record of POSIX.1-2001's extended header is {@code LENGTH KEY=VALUE} and a line feed. */
  private static final Pattern ABSOLUTE_PATH = Pattern.compile("(?:^|\\n)[0-9]+ path=/");

  private final String archive;
  private final ByteArrayOutputStream extended = new ByteArrayOutputStream();
  private int extendedInARow;
  private boolean endMark;

  StrictTarStream(String archive, InputStream in) {
    super(in);
    this.archive = archive;
  }

  /** Called by itself for the entry that an extended header speaks of. */
  @Override
  public @Nullable TarArchiveEntry getNextEntry() throws IOException {
    checkExtended();
    TarArchiveEntry entry = super.getNextEntry();
    checkExtended();
    return entry;
  }

  private void checkExtended() {
    if (ABSOLUTE_PATH.matcher(extended.toString(StandardCharsets.UTF_8)).find()) {
      throw new UnsafeArchiveException(archive, "it holds an absolute name");
    }
    extended.reset();
  }

  @Override
  protected byte @Nullable [] readRecord() throws IOException {
    byte[] header = super.readRecord();
    if (header != null && EXTENDED_TYPES.indexOf(header[TYPE_AT] & 0xFF) >= 0) {
      checkSize(header);
      extendedInARow++;
      if (extendedInARow > EXTENDED_HEADERS_MAX) {
        throw new UnsafeArchiveException(
            archive,
            "more than %d extended headers follow each other".formatted(EXTENDED_HEADERS_MAX));
      }
    } else {
      extendedInARow = 0;
    }
    return header;
  }

  /** Octal digits, or base 256 with the first bit set, which no name needs. */
  private void checkSize(byte[] header) {
    String digits =
        new String(header, SIZE_AT, SIZE_BYTES, StandardCharsets.ISO_8859_1)
            .replace('\0', ' ')
            .strip();
    if (!digits.matches("[0-7]{0,12}")
        || (!digits.isEmpty() && Long.parseLong(digits, 8) > EXTENDED_HEADER_BYTES_MAX)) {
      throw new UnsafeArchiveException(
          archive,
          "it has a name or extended header of more than %d bytes"
              .formatted(EXTENDED_HEADER_BYTES_MAX));
    }
  }

  @Override
  protected byte @Nullable [] getLongNameData() throws IOException {
    byte[] name = super.getLongNameData();
    if (name != null && name.length > 0 && name[0] == '/') {
      throw new UnsafeArchiveException(archive, "it holds an absolute name");
    }
    return name;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    TarArchiveEntry entry = getCurrentEntry();
    if (read > 0 && entry != null && entry.isPaxHeader()) {
      extended.write(into, offset, read);
    }
    return read;
  }

  @Override
  protected boolean isEOFRecord(byte[] header) {
    boolean mark = super.isEOFRecord(header);
    endMark |= mark && header != null;
    return mark;
  }

  /** Whether the two empty blocks that end a tar, or the first of them, were met. */
  boolean sawEndMark() {
    return endMark;
  }

  /** Reads what lies behind the end mark; a checksum there is verified. */
  void drain() throws IOException {
    in.transferTo(java.io.OutputStream.nullOutputStream());
  }
}
