package io.dinoflow.activity.ingest;

import io.dinoflow.model.artifact.Sha256;
import java.io.IOException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/** The pictures of a source whose content is not known yet, each content once. */
final class FreshPictures implements ImageSource {
  private final ImageSource all;
  private final Set<Sha256> known;
  private final Set<Sha256> present = new HashSet<>();

  FreshPictures(ImageSource all, Set<Sha256> known) {
    this.all = all;
    this.known = known;
  }

  /** Contents that the source had when it was read. */
  Set<Sha256> present() {
    return present;
  }

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public String account() {
    return all.account();
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.empty();
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    all.read(
        image -> {
          Sha256 content = Sha256.of(image.bytes());
          boolean fresh = present.add(content) && !known.contains(content);
          return fresh ? visitor.visit(image) : Verdict.GO_ON;
        });
  }
}
