package io.dinoflow.ops.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * A report as one HTML file: pictures, charts and style are within it, and its own content policy
 * forbids it to load anything. Every text is escaped. Thread-safe.
 */
public final class HtmlReport {
  /** The package that the build compiles templates to. */
  public static final String TEMPLATES = "io.dinoflow.ops.templates";

  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, HtmlReport.class.getClassLoader(), TEMPLATES);
  private final String style = style();

  public String render(RunReport report) {
    StringOutput output = new StringOutput();
    engine.render("report/report.jte", ReportPage.of(report, style), output);
    return output.toString();
  }

  /** Writes the file in one step, so that a browser never reads half of it. */
  public void write(RunReport report, Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Files.createDirectories(Objects.requireNonNull(target.getParent(), "a file has a folder"));
    Path draft = target.resolveSibling(target.getFileName() + ".draft");
    Files.writeString(draft, render(report), StandardCharsets.UTF_8);
    Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The style sheet of the report and of every page. */
  public static String style() {
    try (InputStream in = HtmlReport.class.getResourceAsStream("/web/style.css")) {
      return new String(
          Objects.requireNonNull(in, "the style sheet is part of the program").readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the style sheet cannot be read", e);
    }
  }
}
