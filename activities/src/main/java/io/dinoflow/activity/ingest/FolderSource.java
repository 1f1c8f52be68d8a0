package io.dinoflow.activity.ingest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A folder of pictures: the first level of sub-folders names the classes, pictures beside them have
 * none; {@code NAME.txt} beside {@code NAME.png} is its caption. Links are not followed.
 */
final class FolderSource implements ImageSource {
  private static final long CAPTION_BYTES_MAX = 1 << 16;

  private final Path folder;
  private final long bytesMax;
  private final List<Path> pictures;

  FolderSource(Path folder, long bytesMax) throws IOException {
    this.folder = folder;
    this.bytesMax = bytesMax;
    try (Stream<Path> walk = Files.walk(folder)) {
      this.pictures =
          walk.filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
              .filter(p -> Names.isPicture(p.getFileName().toString()))
              .sorted()
              .toList();
    }
  }

  @Override
  public String name() {
    return Names.dataset(folder);
  }

  @Override
  public String account() {
    return "pictures under " + folder;
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(pictures.size());
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    for (Path picture : pictures) {
      Path inside = folder.relativize(picture);
      String label = inside.getNameCount() > 1 ? inside.getName(0).toString() : "";
      RawImage image = RawImage.of(inside.toString(), bytes(picture), label, caption(picture), "");
      if (visitor.visit(image) == Verdict.ENOUGH) {
        return;
      }
    }
  }

  /** One byte over the limit is enough for the decoder to refuse it. */
  private byte[] bytes(Path picture) throws IOException {
    try (var in = Files.newInputStream(picture)) {
      return in.readNBytes(Math.toIntExact(bytesMax + 1));
    }
  }

  private static String caption(Path picture) throws IOException {
    Path text = picture.resolveSibling(Names.stem(picture.getFileName().toString()) + ".txt");
    if (!Files.isRegularFile(text, LinkOption.NOFOLLOW_LINKS)
        || Files.size(text) > CAPTION_BYTES_MAX) {
      return "";
    }
    return new String(Files.readAllBytes(text), StandardCharsets.UTF_8).strip();
  }
}
