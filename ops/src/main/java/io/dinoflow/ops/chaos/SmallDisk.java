package io.dinoflow.ops.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file system in memory with a size, where we may mount one: a disk that can be filled. */
final class SmallDisk implements AutoCloseable {
  private static final int MIB = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(SmallDisk.class);

  private final Path folder;
  private final Thread lastResort = new Thread(this::unmountAtExit, "unmount");

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one on a folder; empty where this is not allowed. */
  static Optional<SmallDisk> on(Path folder, int mib) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    try {
      if (!run("mount", "-t", "tmpfs", "-o", "size=" + mib + "m", "tmpfs", folder.toString())) {
        return Optional.empty();
      }
      SmallDisk disk = new SmallDisk(folder);
      Runtime.getRuntime().addShutdownHook(disk.lastResort);
      return Optional.of(disk);
    } catch (IOException noSuchProgram) {
      return Optional.empty();
    }
  }

  /** Leaves no byte free. */
  void fill() throws IOException {
    byte[] block = new byte[MIB];
    for (int bytes = MIB; bytes > 0; bytes /= 2) {
      try (OutputStream out =
          Files.newOutputStream(
              ballast(),
              java.nio.file.StandardOpenOption.CREATE,
              java.nio.file.StandardOpenOption.APPEND)) {
        while (true) {
          out.write(block, 0, bytes);
        }
      } catch (IOException full) {
        // the next, smaller piece may still fit
        continue;
      }
    }
  }

  /** Frees it again. */
  void free() throws IOException {
    Files.deleteIfExists(ballast());
  }

  private Path ballast() {
    return folder.resolve("ballast");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    unmount();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException exiting) {
      LOG.debug("unmounted while the process ends", exiting);
    }
  }

  /** Interrupted or told to end, we leave nothing mounted. */
  private void unmountAtExit() {
    try {
      unmount();
    } catch (IOException | InterruptedException e) {
      LOG.error("{} may still be mounted: `umount {}`", folder, folder, e);
    }
  }

  /** Whoever still has a file open there keeps it until then; nobody sees it any more. */
  private void unmount() throws IOException, InterruptedException {
    run("umount", "-l", folder.toString());
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
