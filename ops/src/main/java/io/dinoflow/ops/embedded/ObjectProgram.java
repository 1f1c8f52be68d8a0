package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Which S3 server a home has and how it is started: {@code minio} where it is on PATH when the home
 * is made, else S3Proxy. The server that wrote a home's objects reads them, so the first choice is
 * kept.
 *
 * @param kind its name, as people see it
 */
record ObjectProgram(
    String kind, SupervisedProcess.Program program, SupervisedProcess.Tether tether) {
  private static final String NAME = "objects";
  private static final String MINIO = "minio";
  private static final String S3PROXY = "s3proxy";

  /** The key pair and the ports it serves under. */
  record Access(int port, int consolePort, String accessKey, String secretKey) {}

  static ObjectProgram of(Home home, Programs programs, Access access) throws IOException {
    return kindOf(home, programs).equals(MINIO)
        ? minio(home, programs, access)
        : s3proxy(home, access);
  }

  private static String kindOf(Home home, Programs programs) throws IOException {
    Path marker = home.folder().resolve("objects.kind");
    if (!Files.exists(marker)) {
      Files.writeString(marker, programs.onPath(MINIO).isPresent() ? MINIO : S3PROXY);
    }
    String kind = Files.readString(marker).trim();
    if (kind.equals(MINIO) && programs.onPath(MINIO).isEmpty()) {
      throw new IOException(
          "the objects of this home were written by minio, which is not on PATH any more:"
              + " put it there again");
    }
    return kind;
  }

  private static ObjectProgram s3proxy(Home home, Access access) {
    Path config = home.scratch().resolve("s3proxy.conf");
    return new ObjectProgram(
        S3PROXY,
        new SupervisedProcess.Program(
            NAME,
            ObjectServer.command(access.port(), home.objects(), config),
            ObjectServer.environment(access.accessKey(), access.secretKey()),
            log(home)),
        SupervisedProcess.Tether.STANDARD_INPUT);
  }

  private static ObjectProgram minio(Home home, Programs programs, Access access) {
    return new ObjectProgram(
        MINIO,
        new SupervisedProcess.Program(
            NAME,
            List.of(
                programs.onPath(MINIO).orElseThrow().toString(),
                "server",
                home.objects().toString(),
                "--address",
                "127.0.0.1:" + access.port(),
                "--console-address",
                "127.0.0.1:" + access.consolePort()),
            Map.of(
                "MINIO_ROOT_USER", access.accessKey(),
                "MINIO_ROOT_PASSWORD", access.secretKey()),
            log(home)),
        SupervisedProcess.Tether.GUARD);
  }

  private static Path log(Home home) {
    return home.logs().resolve(NAME + ".log");
  }
}
