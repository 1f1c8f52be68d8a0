package io.dinoflow.activity.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The Twemoji pictures of the npm package {@code emoji-datasource-twitter}, 64 pixels square: the
 * Unicode name is the caption and the category the label. Skin tones are variants of their base
 * glyph.
 */
final class EmojiSource implements ImageSource {
  static final String PACKAGE = "emoji-datasource-twitter";
  static final String VERSION = "16.0.0";

  private static final String PICTURES = "package/img/twitter/64/";
  private static final String NAMES = "package/emoji.json";
  private static final long PICTURES_COUNT = 3786;
  private static final String LICENCE = "CC-BY 4.0 (Twemoji)";
  private static final Map<String, String> SKIN_TONES =
      Map.of(
          "1F3FB", "light skin tone",
          "1F3FC", "medium-light skin tone",
          "1F3FD", "medium skin tone",
          "1F3FE", "medium-dark skin tone",
          "1F3FF", "dark skin tone");

  private record Glyph(String caption, String label, String group, RawImage.Variant variant) {}

  private final Path archive;
  private final SafeTar reader;

  EmojiSource(Path archive, SafeTar reader) {
    this.archive = archive;
    this.reader = reader;
  }

  @Override
  public String name() {
    return "emoji";
  }

  @Override
  public String account() {
    return "the emoji set (npm %s %s, %s)".formatted(PACKAGE, VERSION, LICENCE);
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(PICTURES_COUNT);
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    Map<String, Glyph> glyphs = glyphs();
    reader.read(
        archive,
        member -> member.startsWith(PICTURES) && glyphs.containsKey(Names.file(member)),
        (member, bytes) -> {
          String file = Names.file(member);
          Glyph glyph = glyphs.get(file);
          if (glyph == null) {
            return Verdict.GO_ON;
          }
          return visitor.visit(
              new RawImage(
                  file,
                  bytes,
                  glyph.label(),
                  glyph.caption(),
                  glyph.group(),
                  glyph.variant(),
                  LICENCE));
        });
  }

  private Map<String, Glyph> glyphs() throws IOException {
    Map<String, Glyph> glyphs = new HashMap<>();
    reader.read(
        archive,
        NAMES::equals,
        (member, bytes) -> {
          for (JsonNode emoji : names(bytes)) {
            add(glyphs, emoji);
          }
          return Verdict.ENOUGH;
        });
    if (glyphs.isEmpty()) {
      throw new BadSourceException(
          "%s holds no %s; remove it to download it again".formatted(archive, NAMES));
    }
    return glyphs;
  }

  private JsonNode names(byte[] bytes) throws IOException {
    try {
      return new ObjectMapper().readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new BadSourceException(
          "%s in %s is no JSON: %s; remove the archive to download it again"
              .formatted(NAMES, archive, e.getOriginalMessage()),
          e);
    }
  }

  private static void add(Map<String, Glyph> glyphs, JsonNode emoji) {
    String image = emoji.path("image").asText();
    String label = emoji.path("category").asText().toLowerCase(Locale.ROOT);
    String name = caption(emoji);
    glyphs.put(image, new Glyph(name, label, Names.stem(image), RawImage.Variant.BASE));
    for (Map.Entry<String, JsonNode> tone : emoji.path("skin_variations").properties()) {
      glyphs.put(
          tone.getValue().path("image").asText(),
          new Glyph(
              name + ", " + tones(tone.getKey()),
              label,
              Names.stem(image),
              RawImage.Variant.DERIVED));
    }
  }

  /** The Unicode name, or the short name where that is empty, as words. */
  private static String caption(JsonNode emoji) {
    String name = emoji.path("name").asText("");
    String words = name.isBlank() || name.equals("null") ? emoji.path("short_name").asText() : name;
    return words.toLowerCase(Locale.ROOT).replace('_', ' ').replace('-', ' ').strip();
  }

  private static String tones(String codes) {
    StringBuilder words = new StringBuilder();
    for (String code : codes.split("-")) {
      words.append(words.isEmpty() ? "" : " and ").append(SKIN_TONES.getOrDefault(code, code));
    }
    return words.toString();
  }
}
