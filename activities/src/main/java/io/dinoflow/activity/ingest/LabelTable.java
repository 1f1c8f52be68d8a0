package io.dinoflow.activity.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A {@code labels.csv} beside tars: columns {@code shard,name,class} in any order, others ignored,
 * fields without quotes.
 */
final class LabelTable {
  static final String FILE_NAME = "labels.csv";

  private final Map<String, String> classes;

  private LabelTable(Map<String, String> classes) {
    this.classes = classes;
  }

  static LabelTable none() {
    return new LabelTable(Map.of());
  }

  static LabelTable read(Path csv) throws IOException {
    Map<String, String> classes = new HashMap<>();
    try (BufferedReader in = Files.newBufferedReader(csv, StandardCharsets.UTF_8)) {
      String first = in.readLine();
      List<String> header = first == null ? List.of() : Arrays.asList(first.strip().split(","));
      int shard = column(csv, header, "shard");
      int name = column(csv, header, "name");
      int label = header.contains("class") ? header.indexOf("class") : column(csv, header, "label");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] fields = line.strip().split(",", -1);
        if (fields.length == header.size()) {
          classes.put(fields[shard] + "/" + fields[name], fields[label]);
        } else if (!line.isBlank()) {
          throw new BadSourceException(
              "%s: \"%s\" has %d fields, its header has %d"
                  .formatted(csv, line, fields.length, header.size()));
        }
      }
    } catch (CharacterCodingException e) {
      throw new BadSourceException("%s is no UTF-8 text".formatted(csv), e);
    }
    return new LabelTable(classes);
  }

  private static int column(Path csv, List<String> header, String name) {
    int index = header.indexOf(name);
    if (index < 0) {
      throw new BadSourceException(
          "%s has columns %s, must have shard, name and class or label".formatted(csv, header));
    }
    return index;
  }

  Optional<String> label(String shard, String name) {
    return Optional.ofNullable(classes.get(shard + "/" + name));
  }

  OptionalLong size() {
    return classes.isEmpty() ? OptionalLong.empty() : OptionalLong.of(classes.size());
  }
}
