package io.dinoflow.activity.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * WebDataset tars: members of one basename that follow each other are one sample, with {@code .txt}
 * as caption, {@code .cls} as label, and {@code .json} fields {@code caption}, {@code captions},
 * {@code label}, {@code class}. A labels table names classes where there is one.
 */
final class TarSource implements ImageSource {
  private static final int TEXT_BYTES_MAX = 1 << 20;

  private final String name;
  private final List<Path> tars;
  private final LabelTable labels;
  private final SafeTar reader;
  private final ObjectMapper json = new ObjectMapper();

  TarSource(String name, List<Path> tars, LabelTable labels, SafeTar reader) {
    this.name = name;
    this.tars = List.copyOf(tars);
    this.labels = labels;
    this.reader = reader;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String account() {
    return "pictures of %d %s".formatted(tars.size(), tars.size() == 1 ? "tar" : "tars");
  }

  @Override
  public OptionalLong size() {
    return labels.size();
  }

  /** The members of a sample so far: of each kind the first by name, so memory holds four. */
  private static final class Group {
    private static final String PICTURE = "picture";

    private record Member(String name, byte[] bytes) {}

    String basename = "";
    private final Map<String, Member> members = new HashMap<>();

    void add(String name, byte[] bytes) {
      String kind = Names.isPicture(name) ? PICTURE : Names.extension(name);
      if (kind.equals(PICTURE) || bytes.length <= TEXT_BYTES_MAX) {
        members.merge(
            kind,
            new Member(name, bytes),
            (old, now) -> now.name().compareTo(old.name()) < 0 ? now : old);
      }
    }

    Optional<Member> member(String kind) {
      return Optional.ofNullable(members.get(kind));
    }
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    for (Path tar : tars) {
      Group group = new Group();
      boolean[] enough = new boolean[1];
      reader.read(
          tar,
          TarSource::isWanted,
          (member, bytes) -> {
            String basename = Names.basename(member);
            if (!basename.equals(group.basename)) {
              enough[0] = deliver(tar, group, visitor) == Verdict.ENOUGH;
              group.members.clear();
              group.basename = basename;
            }
            group.add(member, bytes);
            return enough[0] ? Verdict.ENOUGH : Verdict.GO_ON;
          });
      if (enough[0] || deliver(tar, group, visitor) == Verdict.ENOUGH) {
        return;
      }
    }
  }

  private static boolean isWanted(String member) {
    return Names.isPicture(member)
        || List.of("txt", "cls", "json").contains(Names.extension(member));
  }

  private Verdict deliver(Path tar, Group group, Visitor visitor) throws IOException {
    Optional<Group.Member> picture = group.member(Group.PICTURE);
    if (picture.isEmpty()) {
      return Verdict.GO_ON;
    }
    String shard = tar.getFileName().toString();
    JsonNode facts = facts(shard, group);
    String label =
        labels
            .label(shard, picture.get().name())
            .or(() -> text(group, "cls"))
            .or(() -> field(facts, "class"))
            .or(() -> field(facts, "label"))
            .orElse("");
    String caption =
        text(group, "txt")
            .or(() -> field(facts, "caption"))
            .or(() -> field(facts.path("captions"), 0))
            .orElse("");
    return visitor.visit(
        RawImage.of(
            Names.stem(shard) + "/" + picture.get().name(),
            picture.get().bytes(),
            label,
            caption,
            ""));
  }

  private JsonNode facts(String shard, Group group) {
    Optional<byte[]> bytes = member(group, "json");
    try {
      return bytes.isEmpty()
          ? json.createObjectNode()
          : json.readTree(new String(bytes.get(), StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new BadSourceException(
          "archive %s: %s.json is no JSON: %s"
              .formatted(shard, group.basename, e.getOriginalMessage()),
          e);
    }
  }

  private static Optional<String> field(JsonNode facts, String field) {
    return Optional.of(facts.path(field).asText("")).map(String::strip).filter(t -> !t.isEmpty());
  }

  private static Optional<String> field(JsonNode facts, int index) {
    return Optional.of(facts.path(index).asText("")).map(String::strip).filter(t -> !t.isEmpty());
  }

  private static Optional<String> text(Group group, String extension) {
    return member(group, extension)
        .map(b -> new String(b, StandardCharsets.UTF_8).strip())
        .filter(t -> !t.isEmpty());
  }

  private static Optional<byte[]> member(Group group, String extension) {
    return group.member(extension).map(Group.Member::bytes);
  }
}
