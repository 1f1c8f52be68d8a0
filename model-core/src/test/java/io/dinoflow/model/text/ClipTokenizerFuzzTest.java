package io.dinoflow.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

class ClipTokenizerFuzzTest {
  private static final int CONTEXT = 77;
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.clip();

  @FuzzTest
  void anyCaptionFitsTheContext(byte[] bytes) {
    int[] ids = TOKENIZER.encode(new String(bytes, StandardCharsets.UTF_8), CONTEXT);
    assertThat(ids).hasSize(CONTEXT).startsWith(ClipTokenizer.START).contains(ClipTokenizer.END);
    assertThat(Arrays.stream(ids)).allMatch(id -> id >= 0 && id < ClipTokenizer.VOCABULARY);
  }
}
