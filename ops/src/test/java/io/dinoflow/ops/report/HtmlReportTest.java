package io.dinoflow.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
  @TempDir Path folder;

  private final HtmlReport html = new HtmlReport();

  @Test
  void showsEverySectionOfAFinishedRun() throws IOException {
    String page = html.render(DemoRun.report(DemoRun.done()));

    assertThat(page)
        .contains("run demo-0a1b2c3d")
        .contains("2,400 pictures in dataset emoji-curate")
        .contains("emoji-datasource-twitter 15.1.2, CC-BY 4.0")
        .contains("0.40 core-hours")
        .contains("highres beats random weights by 10.2 ± 1.1 points in kNN (k = 10) top-1")
        .contains("pretrain cannot be told apart from raw pixels: +0.6 ± 0.9 points")
        .contains("Curves of pretrain, gram")
        .contains("step 600: the Gram teacher is demo-0a1b2c3d/pretrain@600")
        .contains("step 630: the Gram teacher is demo-0a1b2c3d/gram@630")
        .contains("text to image, recall at 10")
        .contains("8.2 ×")
        .contains("distilled from")
        .contains("embed_dim: 192")
        .contains(FakeFacts.ENVIRONMENT.kernelDigest())
        .doesNotContain("class=\"missing\"");
  }

  @Test
  void escapesWhateverAPictureIsCalled() throws IOException {
    String page = html.render(DemoRun.report(DemoRun.done()));

    assertThat(page)
        .contains("&lt;script>alert(&#39;x&#39;)".replace("&#39;", "'"))
        .doesNotContain("<script")
        .doesNotContain("</figcaption><script>");
    assertThat(occurrences(page, "alt=\"[^\"]*alert[^\"]*\"")).isEqualTo(1);
  }

  @Test
  void loadsNothingFromAnywhere() throws IOException {
    String page = html.render(DemoRun.report(DemoRun.done()));

    assertThat(page).contains("default-src 'none'");
    assertThat(page.replaceAll("data:image/png;base64,[^\"]*", ""))
        .doesNotContainPattern("(src|href)=\"[^\"]")
        .doesNotContain("url(")
        .doesNotContain("@import");
  }

  @Test
  void namesWhatAFailedRunLacks() throws IOException {
    String page = html.render(DemoRun.report(DemoRun.failed()));

    assertThat(page)
        .contains("No evaluation: stage evaluate is waiting.")
        .contains("the loss is &lt;b>NaN&lt;/b> at step 640")
        .contains("not measured")
        .contains("2 of 7 stages done")
        .contains("Curves of pretrain<")
        .doesNotContain("What the patches mean")
        .doesNotContain("<b>NaN");
  }

  @Test
  void namesAnEvaluationThatIsDamaged() throws IOException {
    FakeFacts facts = DemoRun.done();
    facts.damage(
        Sha256.ofText("evaluation of " + DemoRun.ID),
        new DamagedBlobException(new FileEntry("report.json", Sha256.ofText("x"), 9), "missing"));

    assertThat(html.render(DemoRun.report(facts)))
        .contains("cannot be read: blob")
        .contains("is damaged: missing")
        .contains("Curves of pretrain, gram");
  }

  @Test
  void showsARunThatHasMadeNothingYet() throws IOException {
    String page = html.render(DemoRun.report(DemoRun.young()));

    assertThat(page)
        .contains("no dataset was made yet")
        .contains("0 of 7 stages done")
        .contains("No checkpoint was committed");
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

  private static int occurrences(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    int found = 0;
    while (matcher.find()) {
      found++;
    }
    return found;
  }
}
