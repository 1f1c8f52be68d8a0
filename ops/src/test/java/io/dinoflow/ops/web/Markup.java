package io.dinoflow.ops.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the tags of a page as a browser would, and says which of them are not ours. */
final class Markup {
  private static final Pattern TAG =
      Pattern.compile(
          "<(/?[a-zA-Z!][^\\s/>]*)((?:\\s+[^\\s=/>]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\\s>]*))?)*)\\s*/?>");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([^\\s=/>]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\\s>]*)))?");

  /** Of HTML and SVG, what our templates write. */
  private static final Set<String> TAGS =
      Set.of(
          "!doctype",
          "html",
          "head",
          "meta",
          "title",
          "link",
          "noscript",
          "body",
          "header",
          "nav",
          "main",
          "footer",
          "h1",
          "h2",
          "h3",
          "p",
          "pre",
          "code",
          "kbd",
          "a",
          "b",
          "br",
          "small",
          "span",
          "div",
          "section",
          "dl",
          "dt",
          "dd",
          "ul",
          "li",
          "table",
          "caption",
          "thead",
          "tbody",
          "tr",
          "th",
          "td",
          "figure",
          "figcaption",
          "img",
          "progress",
          "details",
          "summary",
          "svg",
          "g",
          "path",
          "line",
          "rect",
          "text",
          "tspan",
          "circle",
          "defs",
          "marker",
          "polyline",
          "form",
          "label",
          "input",
          "button",
          "style",
          "em",
          "strong",
          "ol");

  private Markup() {}

  /** Tags and attributes that no template of ours writes. */
  static List<String> foreign(String html) {
    List<String> found = new ArrayList<>();
    // the content of a style is no markup; there is one, and it is ours
    Matcher tag = TAG.matcher(html.replaceAll("(?s)<style>.*?</style>", "<style></style>"));
    while (tag.find()) {
      String name = tag.group(1).replace("/", "").toLowerCase(Locale.ROOT);
      boolean ours =
          TAGS.contains(name)
              || tag.group().matches("<script src=\"/(live|graph)\\.js\" defer>|</script>");
      if (!ours) {
        found.add(tag.group());
      }
      Matcher attribute = ATTRIBUTE.matcher(tag.group(2));
      while (attribute.find()) {
        String key = attribute.group(1).toLowerCase(Locale.ROOT);
        String value = attribute.group(2) == null ? "" : attribute.group(2);
        boolean goesElsewhere =
            Set.of("href", "src", "action").contains(key)
                && !value.matches("/[^/].*|#.*|data:,|data:image/png;base64,.*|http://t/w/.*");
        if (key.startsWith("on") || key.equals("style") || goesElsewhere) {
          found.add(tag.group());
        }
      }
    }
    return found;
  }
}
