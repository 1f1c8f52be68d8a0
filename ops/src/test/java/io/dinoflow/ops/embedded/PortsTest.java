package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
  @TempDir Path locks;
  private final List<String> said = new ArrayList<>();

  @Test
  void givesACustomaryPortToOneThoughItsServerHasNotBegun() throws Exception {
    int customary = free();

    assertThat(new Ports(locks, said::add).free("the first", customary)).isEqualTo(customary);
    int other = new Ports(locks, said::add).free("the second", customary);

    assertThat(other).isNotEqualTo(customary);
    assertThat(said)
        .containsExactly("port %d is in use: the second takes %d".formatted(customary, other));
  }

  @Test
  void givesNoPortThatSomebodyListensOn() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(new Ports(locks, said::add).free("a server", taken.getLocalPort()))
          .isNotEqualTo(taken.getLocalPort());
    }
  }

  private static int free() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
