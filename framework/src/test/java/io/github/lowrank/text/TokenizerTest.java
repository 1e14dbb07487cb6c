package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenizerTest {
  private static String[] words(Tokenizer tokenizer, String text) {
    return TextEncoder.tokenize(tokenizer, List.of(text)).get(0);
  }

  @Test
  void wordsOfRawText() {
    assertThat(words(Tokenizer.WORDS, "It's great, isn't it? (Ça va!) 3.5"))
        .containsExactly("it", "'s", "great", "is", "n't", "it", "ça", "va", "3", "5");
    assertThat(words(Tokenizer.WORDS, "we\u2019ll they've I'd"))
        .containsExactly("we", "'ll", "they", "'ve", "i", "'d");
    assertThat(words(Tokenizer.WORDS, "a\u0000b")).containsExactly("a", "b");
    assertThat(words(Tokenizer.WORDS, "")).isEmpty();
    assertThat(words(Tokenizer.WORDS, " \u3000 ... 😀 ")).isEmpty();
    assertThat(words(Tokenizer.WORDS, "हिन्दी ΑΒΓ")).containsExactly("हिन्दी", "αβγ");
  }

  @Test
  void blanksSplitAtAsciiSpaceAlone() {
    assertThat(words(Tokenizer.BLANKS, "A\u00a0b  c , n't\t-lrb-"))
        .containsExactly("a\u00a0b", "c", ",", "n't", "-lrb-");
  }

  @Test
  void anyUnicodeGivesCleanWords() {
    Random random = new Random(1);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      StringBuilder text = new StringBuilder();
      int length = i == 0 ? 100_000 : random.nextInt(60);
      while (text.length() < length) {
        int c =
            switch (random.nextInt(4)) {
              case 0 -> ' ' + random.nextInt(95);
              case 1 -> random.nextInt(0x500);
              case 2 -> 0x1F300 + random.nextInt(0x300);
              default -> random.nextInt(Character.MAX_CODE_POINT + 1);
            };
        if (!Character.isSurrogate((char) c) || c > 0xffff) {
          text.appendCodePoint(c);
        }
      }
      texts.add(text.toString());
    }
    List<String[]> all = TextEncoder.tokenize(Tokenizer.WORDS, texts);
    assertThat(all).hasSize(300);
    for (int i = 0; i < 300; i++) {
      for (String word : all.get(i)) {
        assertThat(word).isNotEmpty().doesNotContain(" ", "\n", "😀", ",");
      }
      // A text's words do not depend on the texts beside it.
      if (i % 50 == 1) {
        assertThat(words(Tokenizer.WORDS, texts.get(i))).containsExactly(all.get(i));
      }
    }
    assertThat(all.get(0).length).isGreaterThan(1000);
  }
}
