package io.dinoflow.storage.compose;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A container of the image that {@code docker-compose.yml} names for a service. */
final class ComposeService {
  private static final Path FILE = Path.of("..", "docker-compose.yml");

  private ComposeService() {}

  /** Not started; the test is skipped where no engine answers. */
  static GenericContainer<?> container(String service) throws IOException {
    String image = image(service);
    assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(),
        "no container engine answers: " + image + " is not tried");
    return new GenericContainer<>(DockerImageName.parse(image));
  }

  /** As written, or the default of its variable. */
  static String image(String service) throws IOException {
    Matcher image =
        Pattern.compile(
                "(?ms)^  %s:$.*?^    image: (?:\\$\\{\\w+:-)?([^}\\s]+)\\}?$"
                    .formatted(Pattern.quote(service)))
            .matcher(Files.readString(FILE));
    if (!image.find()) {
      throw new IOException(FILE + " names no image of the service " + service);
    }
    return image.group(1);
  }
}
