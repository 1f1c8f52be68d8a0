package io.dinoflow.model.text;

import java.nio.charset.Charset;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cleans captions from the web as CLIP does: HTML entities, quotes, ligatures and widths become
 * plain characters, control characters go, white space becomes one space.
 *
 * <p>Text that was decoded with the wrong character set is left as it is, since repair is a guess.
 * Named entities: those of XML, of ISO 8859-1 and of common typography, with their semicolon.
 */
final class CaptionText {
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
  private static final Pattern ENTITY =
      Pattern.compile(
          "&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}[0-9]{0,2})(?=;));?");
  private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02bc\u2018-\u201b]");
  private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c-\u201f]");
  private static final Pattern LIGATURES_AND_WIDTHS =
      Pattern.compile(
          "[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06\u3000\uff01-\uffef]");
  private static final Pattern CONTROLS =
      Pattern.compile("[\u0000-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]");
  private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  /** Names of U+00A0 to U+00FF in order. */
  private static final String LATIN_1 =
      "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn"
          + " sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest"
          + " Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave"
          + " Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave"
          + " Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig"
          + " ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute"
          + " ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

  private static final Map<String, String> NAMES = names();

  private CaptionText() {}

  static String clean(String text) {
    // Entities in a text with tags are left for the second pass, as the official cleaning does.
    String plain = text.indexOf('<') < 0 ? unescape(text) : text;
    plain = SINGLE_QUOTES.matcher(plain).replaceAll("'");
    plain = DOUBLE_QUOTES.matcher(plain).replaceAll("\"");
    plain =
        LIGATURES_AND_WIDTHS
            .matcher(plain)
            .replaceAll(m -> Matcher.quoteReplacement(compatible(m.group())));
    plain = CONTROLS.matcher(plain).replaceAll("");
    plain = Normalizer.normalize(plain, Normalizer.Form.NFC);
    return SPACES.matcher(unescape(unescape(plain))).replaceAll(" ").strip();
  }

  private static String compatible(String character) {
    return Normalizer.normalize(character, Normalizer.Form.NFKC);
  }

  private static String unescape(String text) {
    return ENTITY.matcher(text).replaceAll(m -> Matcher.quoteReplacement(entity(m)));
  }

  private static String entity(MatchResult entity) {
    if (entity.group(3) != null) {
      return NAMES.getOrDefault(entity.group(3), entity.group());
    }
    int code =
        entity.group(1) != null
            ? Integer.parseInt(entity.group(1))
            : Integer.parseInt(entity.group(2), 16);
    if (code >= 0x80 && code < 0xA0) {
      // What browsers make of these numbers.
      return new String(new byte[] {(byte) code}, WINDOWS_1252);
    }
    boolean character = Character.isValidCodePoint(code) && !isSurrogate(code) && code != 0;
    return character ? Character.toString(code) : "\ufffd";
  }

  private static boolean isSurrogate(int code) {
    return code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
  }

  private static Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    int code = 0xA0;
    for (String name : LATIN_1.split(" ")) {
      names.put(name, Character.toString(code++));
    }
    names.putAll(Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "AMP", "&"));
    names.putAll(
        Map.of(
            "ndash", "\u2013",
            "mdash", "\u2014",
            "lsquo", "\u2018",
            "rsquo", "\u2019",
            "ldquo", "\u201c",
            "rdquo", "\u201d",
            "bull", "\u2022",
            "hellip", "\u2026",
            "euro", "\u20ac",
            "trade", "\u2122"));
    return names;
  }
}
