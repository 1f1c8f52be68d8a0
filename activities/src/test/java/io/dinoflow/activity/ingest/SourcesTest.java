package io.dinoflow.activity.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final long BYTES_MAX = 1 << 20;

  @TempDir Path folder;

  @Test
  void aLabelledPictureWithoutCaptionIsDescribedByItsLabel() {
    assertThat(RawImage.of("a.png", new byte[0], "fire_truck", " ", "").caption())
        .isEqualTo("a picture of fire truck");
    assertThat(RawImage.of("a.png", new byte[0], "truck", "mine", "").caption()).isEqualTo("mine");
    assertThat(RawImage.of("a.png", new byte[0], "", "", "").caption()).isEmpty();
  }

  @Test
  void takesLabelsFromSubFoldersAndCaptionsFromTextsBeside() throws Exception {
    Files.write(file("cat/deep/2.png"), Pictures.png(2));
    Files.write(file("cat/1.png"), Pictures.png(1));
    Files.writeString(file("cat/1.txt"), " a cat \n");
    Files.write(file("loose.JPG"), Pictures.jpeg(3));
    Files.writeString(file("notes.md"), "no picture");
    FolderSource source = new FolderSource(folder, BYTES_MAX);
    List<RawImage> images = all(source);
    assertThat(images)
        .extracting(RawImage::name)
        .containsExactly("cat/1.png", "cat/deep/2.png", "loose.JPG");
    assertThat(images).extracting(RawImage::label).containsExactly("cat", "cat", "");
    assertThat(images)
        .extracting(RawImage::caption)
        .containsExactly("a cat", "a picture of cat", "");
    assertThat(source.size()).hasValue(3);
  }

  @Test
  void followsNoLinksOutOfAFolder() throws Exception {
    Path secret = Files.write(folder.resolve("secret.png"), Pictures.png(1));
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.write(outside.resolve("b.png"), Pictures.png(2));
    Path inside = Files.createDirectories(folder.resolve("inside"));
    Files.write(inside.resolve("a.png"), Pictures.png(3));
    Files.createSymbolicLink(inside.resolve("link.png"), secret);
    Files.createSymbolicLink(inside.resolve("a.txt"), secret);
    Files.createSymbolicLink(inside.resolve("folder"), outside);
    List<RawImage> images = all(new FolderSource(inside, BYTES_MAX));
    assertThat(images).extracting(RawImage::name).containsExactly("a.png");
    assertThat(images.get(0).caption()).isEmpty();
  }

  @Test
  void readsOneByteBeyondTheLimitOfALargeFileAndNoMore() throws Exception {
    Files.write(file("huge.png"), new byte[5000]);
    assertThat(all(new FolderSource(folder, 1000)).get(0).bytes()).hasSize(1001);
  }

  @Test
  void namesADatasetAfterItsFolderAndTheRootToo() throws Exception {
    assertThat(new FolderSource(Files.createDirectories(folder.resolve("My Cats!")), 1).name())
        .isEqualTo("my-cats");
    assertThat(Names.dataset(Path.of("/"))).isEqualTo("images");
  }

  @Test
  void joinsTheMembersOfASample() throws Exception {
    TarFiles tar = new TarFiles();
    tar.add("a/1.png", "A").add("a/1.txt", " first \n").add("a/1.cls", "cat");
    tar.add("a/2.png", "B").add("a/2.json", "{\"caption\": \"second\", \"class\": \"dog\"}");
    tar.add("a/3.json", "{\"captions\": [\"third\"], \"label\": 7}").add("a/3.jpg", "C");
    tar.add("orphan.txt", "no picture");
    tar.add("b/1.png", "D");
    List<RawImage> images = all(tar(tar, LabelTable.none()));
    assertThat(images)
        .extracting(RawImage::name)
        .containsExactly("t/a/1.png", "t/a/2.png", "t/a/3.jpg", "t/b/1.png");
    assertThat(images)
        .extracting(RawImage::caption)
        .containsExactly("first", "second", "third", "");
    assertThat(images).extracting(RawImage::label).containsExactly("cat", "dog", "7", "");
  }

  @Test
  void stopsBetweenTarsAndWithinThem() throws Exception {
    Path one = new TarFiles().add("1.png", "A").add("2.png", "B").write(folder.resolve("1.tar"));
    Path two = new TarFiles().add("3.png", "C").write(folder.resolve("2.tar"));
    TarSource source = new TarSource("x", List.of(one, two), LabelTable.none(), new SafeTar());
    assertThat(some(source, 1)).extracting(RawImage::name).containsExactly("1/1.png");
    assertThat(some(source, 2)).extracting(RawImage::name).containsExactly("1/1.png", "1/2.png");
    assertThat(all(source)).hasSize(3);
  }

  @Test
  void holdsOneMemberOfAKindHoweverManyASampleHas() throws Exception {
    TarFiles tar = new TarFiles();
    for (int i = 0; i < 200; i++) {
      tar.add("a.%03d.png".formatted(i), new byte[1 << 20]);
      tar.add("a.%03d.txt".formatted(i), "caption " + i);
    }
    Path file = tar.write(folder.resolve("t.tar"));
    TarSource source = new TarSource("t", List.of(file), LabelTable.none(), new SafeTar());
    long before = used();
    List<RawImage> images = new ArrayList<>();
    source.read(
        image -> {
          images.add(image);
          assertThat(used() - before).isLessThan(100L << 20);
          return ImageSource.Verdict.GO_ON;
        });
    assertThat(images).extracting(RawImage::name).containsExactly("t/a.000.png");
    assertThat(images).extracting(RawImage::caption).containsExactly("caption 0");
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void namesTheSampleWhoseFactsAreNoJson() throws Exception {
    TarFiles tar = new TarFiles().add("a/1.png", "A").add("a/1.json", "{\"caption\": ");
    assertThatThrownBy(() -> all(tar(tar, LabelTable.none())))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("a/1.json is no JSON");
  }

  @Test
  void takesClassesFromALabelTableFirst() throws Exception {
    Path csv = folder.resolve("labels.csv");
    Files.writeString(csv, "name,shard,other,class\n1.png,t.tar,x,cat\n\n2.png,u.tar,x,dog\n");
    LabelTable labels = LabelTable.read(csv);
    assertThat(labels.size()).hasValue(2);
    TarFiles tar = new TarFiles().add("1.png", "A").add("1.cls", "wrong").add("2.png", "B");
    assertThat(all(tar(tar, labels))).extracting(RawImage::label).containsExactly("cat", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "shard,class\n",
        "shard,name\nt.tar,1.png\n",
        "shard,name,class\nt.tar,1.png\n"
      })
  void saysWhatIsWrongWithALabelTable(String text) throws Exception {
    Path csv = Files.writeString(folder.resolve("labels.csv"), text);
    assertThatThrownBy(() -> LabelTable.read(csv))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("labels.csv");
  }

  @Test
  void saysThatALabelTableIsNoText() throws Exception {
    Path csv = Files.write(folder.resolve("labels.csv"), new byte[] {'s', (byte) 0xFF, 'x'});
    assertThatThrownBy(() -> LabelTable.read(csv))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void readsTheEmojiPackageInNpmsShape() throws Exception {
    EmojiSource source = new EmojiSource(emoji(NAMES), new SafeTar());
    List<RawImage> images = all(source);
    assertThat(images)
        .extracting(RawImage::name)
        .containsExactly("1f44b-1f3fb.png", "1f44b.png", "a9.png", "x.png");
    assertThat(images)
        .extracting(RawImage::caption)
        .containsExactly(
            "waving hand sign, light skin tone and dark skin tone",
            "waving hand sign",
            "copyright",
            "woman with heart");
    assertThat(images).extracting(RawImage::label).contains("people & body", "symbols");
    assertThat(images).extracting(RawImage::group).containsExactly("1f44b", "1f44b", "a9", "x");
    assertThat(images)
        .extracting(RawImage::variant)
        .containsExactly(
            RawImage.Variant.DERIVED,
            RawImage.Variant.BASE,
            RawImage.Variant.BASE,
            RawImage.Variant.BASE);
    assertThat(images).extracting(RawImage::licence).containsOnly("CC-BY 4.0 (Twemoji)");
  }

  private static final String NAMES =
      """
      [{"name": "WAVING HAND SIGN", "category": "People & Body", "image": "1f44b.png",
        "skin_variations": {"1F3FB-1F3FF": {"image": "1f44b-1f3fb.png"}}},
       {"name": "COPYRIGHT", "category": "Symbols", "image": "a9.png"},
       {"name": null, "short_name": "woman_with-heart", "category": "Symbols", "image": "x.png"}]
      """;

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[{\"name\": ", ""})
  void asksForAnEmojiPackageToBeDownloadedAgain(String names) throws Exception {
    Path archive = emoji(names);
    assertThatThrownBy(() -> all(new EmojiSource(archive, new SafeTar())))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("download it again");
  }

  private Path emoji(String names) throws IOException {
    TarFiles tar = new TarFiles().add("package/package.json", "{}");
    tar.add("package/img/apple/64/a9.png", "another set's");
    tar.add("package/img/twitter/64/1f44b-1f3fb.png", "derived");
    tar.add("package/img/twitter/64/1f44b.png", "base").add("package/img/twitter/64/a9.png", "c");
    tar.add("package/img/twitter/64/x.png", "x").add("package/img/twitter/64/unlisted.png", "u");
    return tar.add("package/emoji.json", names).gzip(folder.resolve("emoji.tgz"));
  }

  @Test
  void readsTheShapesThatComeWithMaven() throws Exception {
    List<RawImage> images = all(new ShapesSource());
    assertThat(images).hasSize(1069 + 216);
    assertThat(images).extracting(RawImage::name).doesNotHaveDuplicates();
    TreeSet<String> labels = new TreeSet<>();
    images.forEach(image -> labels.add(image.label()));
    for (String label : labels) {
      assertThat(images.stream().filter(image -> image.label().equals(label)).count())
          .as("pictures of %s", label)
          .isGreaterThanOrEqualTo(label.isEmpty() ? 0 : 5);
    }
    assertThat(labels).hasSizeGreaterThan(10).contains("bird");
    assertThat(images)
        .filteredOn(image -> image.label().equals("bird"))
        .extracting(RawImage::caption)
        .containsOnly("a silhouette of a bird");
  }

  @Test
  void choosesASourceByWhatIsThere() throws Exception {
    Path npmCache = Files.createDirectories(folder.resolve("cache"));
    NpmPackage noNpm = new NpmPackage(npmCache, "no-such-command-" + System.nanoTime());
    ImageSources sources = new ImageSources(noNpm, new SafeTar(), BYTES_MAX);
    assertThat(sources.choose("auto").source()).isInstanceOf(ShapesSource.class);
    assertThat(sources.choose("auto").why()).contains("npm is not on the PATH");
    assertThatThrownBy(() -> sources.choose("emoji"))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("install npm");
    assertThatThrownBy(() -> sources.choose("/no/such/place"))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("/no/such/place");

    Files.move(
        emoji(NAMES),
        npmCache.resolve("%s-%s.tgz".formatted(EmojiSource.PACKAGE, EmojiSource.VERSION)));
    assertThat(sources.choose("auto").source()).isInstanceOf(EmojiSource.class);
    assertThat(npmCache).isDirectoryNotContaining("glob:**npm-*");

    Path shards = Files.createDirectories(folder.resolve("shards"));
    Path tar = new TarFiles().add("1.png", "A").write(shards.resolve("My.Shard.tar"));
    assertThat(sources.choose(tar.toString()).source().name()).isEqualTo("my");
    assertThat(sources.choose(shards.toString()).source()).isInstanceOf(TarSource.class);
    assertThat(sources.choose(npmCache.getParent().resolve("cache/.").toString()).source().name())
        .isEqualTo("cache");
  }

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return file;
  }

  private TarSource tar(TarFiles tar, LabelTable labels) throws IOException {
    return new TarSource("t", List.of(tar.write(folder.resolve("t.tar"))), labels, new SafeTar());
  }

  private static List<RawImage> all(ImageSource source) throws IOException {
    return some(source, Integer.MAX_VALUE);
  }

  private static List<RawImage> some(ImageSource source, int wanted) throws IOException {
    List<RawImage> images = new ArrayList<>();
    source.read(
        image -> {
          images.add(image);
          return images.size() >= wanted ? ImageSource.Verdict.ENOUGH : ImageSource.Verdict.GO_ON;
        });
    return images;
  }
}
