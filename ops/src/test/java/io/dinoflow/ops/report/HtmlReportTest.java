package io.dinoflow.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  @TempDir Path folder;

  private final HtmlReport html = new HtmlReport();

  @Test
  void showsEverySectionOfAFinishedRun() throws IOException {
    String page = page("done", DemoRun.done());

    says(
        page,
        "run demo-0a1b2c3d",
        "2,400 pictures in dataset emoji-curate",
        "emoji-datasource-twitter 15.1.2, CC-BY 4.0",
        "0.36 core-hours",
        "highres beats random weights by 10.2 ± 1.1 points in kNN (k = 10) top-1",
        "pretrain cannot be told apart from raw pixels: +0.6 ± 0.9 points",
        "Curves of pretrain, gram",
        "step 600: the Gram teacher is demo-0a1b2c3d/pretrain@600",
        "step 630: the Gram teacher is demo-0a1b2c3d/gram@630",
        "text to image, recall at 10",
        "8.2 ×",
        "distilled from",
        "embed_dim: 192",
        FakeFacts.ENVIRONMENT.kernelDigest());
    saysNot(page, "class=\"missing\"");
  }

  @Test
  void tellsDenseConsistencyFromOtherProbes() throws IOException {
    String page = page("done", DemoRun.done());
    String align = page.substring(page.indexOf("Curves of align"));

    says(align, "<figcaption>Probe</figcaption>", "probe.text_to_image_top1");
    saysNot(align, "Dense consistency");
  }

  @Test
  void escapesWhateverAPictureIsCalled() throws IOException {
    String page = page("done", DemoRun.done());

    says(page, "&lt;script&gt;alert('x')&lt;/script&gt; &amp; \"quoted\"");
    saysNot(page, "<script", "</figcaption><script>");
    assertThat(occurrences(page, "alt=\"[^\"]*alert[^\"]*\"")).isEqualTo(1);
  }

  @Test
  void loadsNothingFromAnywhere() throws IOException {
    String page = page("done", DemoRun.done());

    assertThat(page).contains("default-src 'none'");
    assertThat(page.replaceAll("data:image/png;base64,[^\"]*", ""))
        .doesNotContainPattern("(src|href)=\"[^\"]")
        .doesNotContain("url(")
        .doesNotContain("@import");
  }

  @Test
  void namesWhatAFailedRunLacks() throws IOException {
    String page = page("failed", DemoRun.failed());

    says(
        page,
        "No evaluation: stage evaluate is waiting.",
        "the loss is &lt;b&gt;NaN&lt;/b&gt; at step 640",
        "not measured",
        "2 of 7 stages done",
        "Curves of pretrain<");
    saysNot(page, "What the patches mean", "<b>NaN");
  }

  @Test
  void namesAnEvaluationThatIsDamaged() throws IOException {
    FakeFacts facts = DemoRun.done();
    facts.damage(
        Sha256.ofText("evaluation of " + DemoRun.ID),
        new DamagedBlobException(
            new FileEntry("report.json", Sha256.ofText("x"), 9), OptionalLong.empty(), "missing"));

    says(
        page("damaged", facts),
        "cannot be read: blob",
        "is damaged: missing",
        "Curves of pretrain, gram");
  }

  @Test
  void showsARunThatHasMadeNothingYet() throws IOException {
    String page = page("young", DemoRun.young());

    says(page, "no dataset was made yet", "0 of 7 stages done", "No checkpoint was committed");
  }

  @Test
  void writesOneFileOfModestSize() throws IOException {
    Path file = folder.resolve("reports/demo.html");
    html.write(DemoRun.report(DemoRun.done()), file);

    String page = Files.readString(file);
    assertThat(page).startsWith("<!doctype html>").endsWith("</html>\n");
    assertThat(page.replaceAll("data:image/png;base64,[^\"]*", "").length()).isLessThan(300_000);
    assertThat(folder.resolve("reports")).isDirectoryContaining("glob:**demo.html");
    try (var files = Files.list(folder.resolve("reports"))) {
      assertThat(files).hasSize(1);
    }
  }

  private String page(String name, FakeFacts facts) throws IOException {
    String page = html.render(DemoRun.report(facts));
    // to be looked at: target/pages
    Path file = Path.of("target", "pages", name + ".html");
    Files.createDirectories(file.getParent());
    Files.writeString(file, page);
    return page;
  }

  private static void says(String page, String... texts) {
    assertThat(Stream.of(texts).filter(text -> !page.contains(text))).as("not said").isEmpty();
  }

  private static void saysNot(String page, String... texts) {
    assertThat(Stream.of(texts).filter(page::contains)).as("said").isEmpty();
  }

  private static int occurrences(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    int found = 0;
    while (matcher.find()) {
      found++;
    }
    return found;
  }
}
