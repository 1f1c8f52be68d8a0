package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporalProgramTest {
  @TempDir Path folder;
  private final List<String> said = new ArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer publisher;
  private int status = 200;
  private byte[] archive = new byte[0];

  @BeforeEach
  void startPublisher() throws IOException {
    publisher = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    publisher.createContext(
        "/cli/archive/",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(status, archive.length == 0 ? -1 : archive.length);
          exchange.getResponseBody().write(archive);
          exchange.close();
        });
    publisher.start();
  }

  @AfterEach
  void stopPublisher() {
    publisher.stop(0);
  }

  @Test
  void fetchesTheProgramOnceAndKeepsIt() throws Exception {
    archive = tarOf("LICENSE", "words", "temporal", "#!/bin/sh\necho fetched\n");

    Optional<Path> first = program().locate();
    Optional<Path> second = program().locate();

    assertThat(first).contains(folder.resolve("cache/dinoflow/temporal-1.5.1"));
    assertThat(second).isEqualTo(first);
    assertThat(requests).hasValue(1);
    assertThat(outputOf(first.orElseThrow())).isEqualTo("fetched");
    assertThat(said).anyMatch(line -> line.contains("sha256"));
    assertThat(folder.resolve("cache/dinoflow")).isDirectoryNotContaining("glob:**/download-*");
  }

  @Test
  void prefersTheProgramOnPath() throws Exception {
    Path mine = executable("temporal", "#!/bin/sh\n");

    assertThat(program().locate()).contains(mine);
    assertThat(requests).hasValue(0);
  }

  @Test
  void buildsWithGoWhereThePublisherRefuses() throws Exception {
    status = 403;
    executable(
        "go",
        "#!/bin/sh\n[ \"$2\" = github.com/temporalio/cli/cmd/temporal@v1.5.1 ] || exit 9\n"
            + "echo 'echo built' > \"$GOBIN/temporal\"\n");

    Path built = program().locate().orElseThrow();

    assertThat(Files.readString(built)).isEqualTo("echo built\n");
    assertThat(Files.isExecutable(built)).isTrue();
    assertThat(said).anyMatch(line -> line.contains("status 403"));
  }

  @Test
  void saysEveryWayThatFailed() throws Exception {
    archive = tarOf("../temporal", "x", "bin/temporal", "y");

    assertThat(program().locate()).isEmpty();
    assertThat(said)
        .anyMatch(line -> line.contains("no program called temporal"))
        .anyMatch(line -> line.contains("no Go on PATH"));
    assertThat(folder.resolve("cache/temporal")).doesNotExist();
  }

  @Test
  void survivesAPublisherThatCannotBeReached() throws Exception {
    publisher.stop(0);

    assertThat(program().locate()).isEmpty();
    assertThat(said).anyMatch(line -> line.contains("cannot be fetched"));
  }

  private TemporalProgram program() {
    Map<String, String> environment =
        Map.of(
            "PATH", folder.resolve("bin").toString(),
            "XDG_CACHE_HOME", folder.resolve("cache").toString());
    URI base = URI.create("http://127.0.0.1:" + publisher.getAddress().getPort() + "/cli/archive/");
    return new TemporalProgram(new Programs(environment), base, said::add);
  }

  private Path executable(String name, String script) throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Path file = Files.writeString(folder.resolve("bin").resolve(name), script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private static String outputOf(Path program) throws Exception {
    Process process = new ProcessBuilder(program.toString()).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
  }

  private static byte[] tarOf(String... namesAndTexts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        byte[] text = namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(namesAndTexts[i]);
        entry.setSize(text.length);
        tar.putArchiveEntry(entry);
        tar.write(text);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
