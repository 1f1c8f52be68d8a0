package io.dinoflow.activity.ingest;

import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.model.embed.PictureStream;
import java.io.IOException;
import java.nio.file.Path;

/** A folder or tar of pictures as it lies on this machine, in the order that an ingest takes. */
public final class LocalPictures implements PictureStream {
  private final ImageSource source;

  private LocalPictures(ImageSource source) {
    this.source = source;
  }

  /**
   * @throws BadSourceException there is no such folder or tar
   */
  public static LocalPictures at(Path place) throws IOException {
    return new LocalPictures(
        ImageSources.local(
            place.toString(), new SafeTar(), ImageDecoder.Limits.DEFAULT.bytesMax()));
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    source.read(
        image -> {
          visitor.visit(image.name(), image.bytes());
          return ImageSource.Verdict.GO_ON;
        });
  }
}
