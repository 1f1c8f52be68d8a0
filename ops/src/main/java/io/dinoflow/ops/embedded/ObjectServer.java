package io.dinoflow.ops.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * S3Proxy on a folder, in a process of its own: its libraries stay out of ours, and it is spoken to
 * only as any S3 server. Ends when its parent does.
 */
public final class ObjectServer {
  private static final String ACCESS_KEY = "DINOFLOW_S3_ACCESS_KEY";
  private static final String SECRET_KEY = "DINOFLOW_S3_SECRET_KEY";
  // a part of a multipart upload is 64 MiB; twice that leaves room for one that is signed whole
  private static final int REQUEST_BYTES_MAX = 128 * 1024 * 1024;

  private ObjectServer() {}

  /** {@code ObjectServer PORT FOLDER CONFIG_FILE}; the key pair comes by environment. */
  public static void main(String[] arguments) throws Exception {
    Lifeline.haltWhenStandardInputEnds();
    Path config = Path.of(arguments[2]);
    Files.deleteIfExists(config);
    Files.createFile(config, Credentials.ownerOnly());
    Files.write(config, properties(arguments[0], arguments[1], System.getenv()));
    org.gaul.s3proxy.Main.main(new String[] {"--properties", config.toString()});
  }

  static List<String> command(int port, Path folder, Path configFile) {
    return JavaProgram.command(
        ObjectServer.class.getName(),
        List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"),
        List.of(String.valueOf(port), folder.toString(), configFile.toString()));
  }

  static Map<String, String> environment(String accessKey, String secretKey) {
    return Map.of(ACCESS_KEY, accessKey, SECRET_KEY, secretKey, "MALLOC_ARENA_MAX", "2");
  }

  private static List<String> properties(
      String port, String folder, Map<String, String> environment) {
    return List.of(
        "s3proxy.authorization=aws-v2-or-v4",
        "s3proxy.identity=" + environment.get(ACCESS_KEY),
        "s3proxy.credential=" + environment.get(SECRET_KEY),
        "s3proxy.endpoint=http://127.0.0.1:" + port,
        "s3proxy.v4-max-non-chunked-request-size=" + REQUEST_BYTES_MAX,
        "s3proxy.v4-max-chunk-size=" + REQUEST_BYTES_MAX,
        "jclouds.provider=filesystem-nio2",
        "jclouds.identity=local",
        "jclouds.credential=local",
        "jclouds.filesystem.basedir=" + folder.replace("\\", "\\\\"));
  }
}
