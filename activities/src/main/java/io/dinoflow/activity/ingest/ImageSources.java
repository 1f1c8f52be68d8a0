package io.dinoflow.activity.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds what {@code data.source} names, except {@code dataset:NAME}, which is in the store already.
 */
final class ImageSources {

  /** A source and why it was taken. */
  record Choice(ImageSource source, String why) {}

  private final NpmPackage npm;
  private final SafeTar tars;
  private final long bytesMax;

  /**
   * @param bytesMax of a picture's file; what is larger need not be read to its end
   */
  ImageSources(NpmPackage npm, SafeTar tars, long bytesMax) {
    this.npm = npm;
    this.tars = tars;
    this.bytesMax = bytesMax;
  }

  /**
   * @throws BadSourceException there is no such source
   */
  Choice choose(String source) throws IOException {
    return switch (source) {
      case "auto" -> auto();
      case "emoji" -> emoji();
      case "shapes" -> new Choice(new ShapesSource(), "as asked");
      case "cifar10" -> new Choice(new Cifar10Source(), "as asked");
      default -> new Choice(local(source, tars, bytesMax), "as asked");
    };
  }

  private Choice auto() throws IOException {
    NpmPackage.Outcome outcome = npm.fetch(EmojiSource.PACKAGE, EmojiSource.VERSION);
    if (outcome.archive().isPresent()) {
      return new Choice(
          new EmojiSource(outcome.archive().get(), tars), "since " + outcome.reason());
    }
    return new Choice(new ShapesSource(), "since the emoji set cannot be had: " + outcome.reason());
  }

  private Choice emoji() throws IOException {
    NpmPackage.Outcome outcome = npm.fetch(EmojiSource.PACKAGE, EmojiSource.VERSION);
    if (outcome.archive().isEmpty()) {
      throw new BadSourceException(
          "the emoji set (npm %s@%s) cannot be had: %s; install npm and see that its registry answers, or take --data shapes or a folder of pictures"
              .formatted(EmojiSource.PACKAGE, EmojiSource.VERSION, outcome.reason()));
    }
    return new Choice(new EmojiSource(outcome.archive().get(), tars), "as asked");
  }

  /** A folder or tar of this machine. */
  static ImageSource local(String source, SafeTar tars, long bytesMax) throws IOException {
    Path path = Path.of(source).toAbsolutePath().normalize();
    if (Files.isRegularFile(path) && Names.isTar(source)) {
      String file = path.getFileName().toString();
      return new TarSource(
          Names.dataset(Names.basename(file)), List.of(path), LabelTable.none(), tars);
    }
    if (!Files.isDirectory(path)) {
      throw new BadSourceException(
          "data.source \"%s\" is no folder or tar on this machine (looked for %s), nor auto, emoji, shapes, cifar10 or dataset:NAME"
              .formatted(source, path));
    }
    List<Path> inside;
    try (Stream<Path> files = Files.list(path)) {
      inside = files.filter(f -> Names.isTar(f.getFileName().toString())).sorted().toList();
    }
    if (inside.isEmpty()) {
      return new FolderSource(path, bytesMax);
    }
    Path table = path.resolve(LabelTable.FILE_NAME);
    LabelTable labels = Files.exists(table) ? LabelTable.read(table) : LabelTable.none();
    return new TarSource(Names.dataset(path), inside, labels, tars);
  }
}
