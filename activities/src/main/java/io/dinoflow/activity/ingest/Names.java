package io.dinoflow.activity.ingest;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** What file names say: kind, stem, and a dataset's name. */
final class Names {
  private static final Set<String> PICTURES =
      Set.of("jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "heic", "avif");

  private Names() {}

  /** Whether the name claims to be a picture, readable by us or not. */
  static boolean isPicture(String name) {
    return PICTURES.contains(extension(name));
  }

  static boolean isTar(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tar") || lower.endsWith(".tar.gz") || lower.endsWith(".tgz");
  }

  static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** The path without its last extension. */
  static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot <= name.lastIndexOf('/') ? name : name.substring(0, dot);
  }

  /** WebDataset's basename: the path up to the first dot of the file's own name. */
  static String basename(String name) {
    int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
    return dot < 0 ? name : name.substring(0, dot);
  }

  static String file(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A dataset's name made of a folder's; the root has none. */
  static String dataset(Path folder) {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return dataset(last == null ? "" : last.toString());
  }

  /** A dataset's name made of a file's. */
  static String dataset(String file) {
    String plain = file.replaceAll("[^A-Za-z0-9_-]+", "-").replaceAll("^-+|-+$", "");
    return plain.isEmpty() ? "images" : plain.toLowerCase(Locale.ROOT);
  }
}
