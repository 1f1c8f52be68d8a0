package io.dinoflow.activity.ingest;

import java.nio.file.Path;
import java.util.List;

/** Under which names the images of a recipe's {@code data.source} are registered. */
public final class SourceNames {
  private SourceNames() {}

  /** The names, likeliest first; several where the machine decides. */
  public static List<String> of(String source) {
    return switch (source) {
      case "auto" -> List.of("emoji", "shapes");
      case "emoji", "shapes", "cifar10" -> List.of(source);
      default -> {
        Path name = Path.of(source).toAbsolutePath().normalize().getFileName();
        String file = name == null ? "" : name.toString();
        yield List.of(Names.dataset(Names.isTar(file) ? Names.basename(file) : file));
      }
    };
  }
}
