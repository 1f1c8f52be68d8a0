package io.dinoflow.activity.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Refuses an archive of which more comes out than any honest one of its size holds. */
final class InflationLimit extends FilterInputStream {
  private final String archive;
  private final long bytesMax;
  private long bytes;

  InflationLimit(String archive, InputStream in, long bytesMax) {
    super(in);
    this.archive = archive;
    this.bytesMax = bytesMax;
  }

  @Override
  public int read() throws IOException {
    int one = super.read();
    count(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    count(Math.max(0, read));
    return read;
  }

  @Override
  public long skip(long wanted) throws IOException {
    long skipped = super.skip(wanted);
    count(skipped);
    return skipped;
  }

  private void count(long more) {
    bytes += more;
    if (bytes > bytesMax) {
      throw new UnsafeArchiveException(
          archive,
          "more than %d bytes come out of it, which its size does not explain".formatted(bytesMax));
    }
  }
}
