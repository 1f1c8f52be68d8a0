package io.dinoflow.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClipTokenizerTest {
  private final ClipTokenizer tokenizer = ClipTokenizer.clip();

  @Test
  void cutsALongTextAndEndsIt() {
    int[] whole = tokenizer.encode("one two three four five six", 16);
    int[] cut = tokenizer.encode("one two three four five six", 5);

    assertThat(cut).hasSize(5).startsWith(whole[0], whole[1], whole[2], whole[3]);
    assertThat(cut[4]).isEqualTo(ClipTokenizer.END);
  }

  @Test
  void aTextThatJustFitsIsNotCut() {
    int[] ids = tokenizer.ids("one two three");
    assertThat(tokenizer.encode("one two three", ids.length + 2))
        .startsWith(ClipTokenizer.START)
        .containsSequence(ids)
        .endsWith(ClipTokenizer.END);
  }

  @Test
  void cleansWhatTheWebPutsIntoCaptions() {
    assertThat(CaptionText.clean("caf\u00e9&nbsp;&eacute; &#39;x&#x27; &#146;"))
        .isEqualTo("caf\u00e9 \u00e9 'x' '");
    assertThat(CaptionText.clean("<b>a &amp;amp; b</b>")).isEqualTo("<b>a & b</b>");
    assertThat(CaptionText.clean("\uff21\uff22\u3000\ufb01n e\u0301")).isEqualTo("AB fin \u00e9");
    assertThat(CaptionText.clean("a\u0000b\ufeff \n\t c ")).isEqualTo("ab c");
    assertThat(CaptionText.clean("AT&T &unknown; R&D; &#0; &#xD800;"))
        .isEqualTo("AT&T &unknown; R&D; \ufffd \ufffd");
  }

  @Test
  void spellingVariantsOfOneCaptionGetTheSameIds() {
    assertThat(tokenizer.ids("It\u2019s  a \u201cDog\u201d"))
        .isEqualTo(tokenizer.ids("it's a \"dog\""));
  }
}
