package io.dinoflow.activity.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The silhouettes of LEMS at Brown (Kimia) that come with Maven as {@code
 * imagingbook-sample-images}: pictures without network beyond the build's. The stem of the file's
 * name is the label where five or more pictures share it.
 */
final class ShapesSource implements ImageSource {
  private static final String ROOT = "imagingbook/sampleimages/kimia/";
  private static final List<String> FOLDERS =
      List.of(ROOT + "Kimia1070-data/", ROOT + "Kimia216-data/");
  private static final int PICTURES_OF_A_LABEL_MIN = 5;

  @Override
  public String name() {
    return "shapes";
  }

  @Override
  public String account() {
    return "the shape set that comes with Maven (imagingbook-sample-images 7.2.0, Kimia silhouettes)";
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.empty();
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    URL url = ShapesSource.class.getClassLoader().getResource(ROOT);
    if (url == null || !(url.openConnection() instanceof JarURLConnection connection)) {
      throw new BadSourceException(
          "the shape set is not on the class path: com.imagingbook:imagingbook-sample-images:7.2.0"
              + " is missing; take --data emoji or a folder of pictures");
    }
    // Of its own, because closing a shared one would close the class path's.
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      List<JarEntry> pictures =
          jar.stream()
              .filter(e -> FOLDERS.stream().anyMatch(e.getName()::startsWith))
              .filter(e -> Names.isPicture(e.getName()))
              .sorted(Comparator.comparing(JarEntry::getName))
              .toList();
      Map<String, Integer> perStem = new HashMap<>();
      pictures.forEach(e -> perStem.merge(stem(e.getName()), 1, Integer::sum));
      for (JarEntry picture : pictures) {
        if (visitor.visit(image(jar, picture, perStem)) == Verdict.ENOUGH) {
          return;
        }
      }
    }
  }

  private static RawImage image(JarFile jar, JarEntry entry, Map<String, Integer> perStem)
      throws IOException {
    String stem = stem(entry.getName());
    String label = perStem.getOrDefault(stem, 0) >= PICTURES_OF_A_LABEL_MIN ? stem : "";
    try (InputStream in = jar.getInputStream(entry)) {
      return RawImage.of(
          entry.getName().substring(ROOT.length()),
          in.readAllBytes(),
          label,
          stem.isEmpty() ? "" : "a silhouette of a " + stem,
          "research use, LEMS Brown University");
    }
  }

  /** The letters before digits, dash or dot. */
  static String stem(String path) {
    String letters = Names.file(path).replaceFirst("[^A-Za-z].*$", "");
    return letters.toLowerCase(Locale.ROOT);
  }
}
