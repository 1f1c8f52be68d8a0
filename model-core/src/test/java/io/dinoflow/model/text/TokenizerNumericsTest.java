package io.dinoflow.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Ids of the official tokenizer for whole texts. */
@GoldenFixture("tokenizer")
class TokenizerNumericsTest {

  @TestFactory
  List<DynamicTest> textsGetTheOfficialIds() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode c : Golden.json("tokenizer").get("values").get("cases")) {
      String text = c.get("text").asText();
      tests.add(
          DynamicTest.dynamicTest(
              "\"" + text + "\"",
              () -> {
                assertThat(ClipTokenizer.clip().ids(text)).isEqualTo(ints(c.get("bpe_ids")));
                int[] padded = ints(c.get("ids77"));
                assertThat(ClipTokenizer.clip().encode(text, padded.length)).isEqualTo(padded);
              }));
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  @Test
  void vocabularyAndItsSpecialIdsAreTheOfficialOnes() throws IOException {
    JsonNode golden = Golden.json("tokenizer");
    assertThat(ClipTokenizer.VOCABULARY).isEqualTo(golden.get("values").get("vocab_size").asInt());
    assertThat(ClipTokenizer.START).isEqualTo(golden.get("values").get("start_id").asInt());
    assertThat(ClipTokenizer.END).isEqualTo(golden.get("values").get("end_id").asInt());
    try (InputStream merges =
        ClipTokenizer.class.getResourceAsStream("bpe_simple_vocab_16e6.txt.gz")) {
      assertThat(Sha256.of(merges.readAllBytes()).toString())
          .contains(golden.get("vocab_sha256").asText());
    }
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }
}
