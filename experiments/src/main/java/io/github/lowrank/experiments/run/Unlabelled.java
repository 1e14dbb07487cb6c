package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Texts without labels, which teachers label for their pupils: spans of the training texts, and the
 * data set's own. A span shows what a part contributes to the whole; cutting texts for a student is
 * due to Tang et al., <a href="https://arxiv.org/abs/1903.12136">Distilling Task-Specific Knowledge
 * from BERT into Simple Neural Networks</a> (2019).
 *
 * @param texts the texts
 * @param parts for each the number of the training text of which it is a part, else {@link
 *     Split#UNKNOWN}
 */
record Unlabelled(List<String> texts, int[] parts) implements Split {
  /**
   * Cuts spans, of one word up to the whole text, and adds {@code others}.
   *
   * @param train the training texts
   * @param spans number of spans of each of them
   */
  static Unlabelled of(EncoderTeachers.Texts train, int spans, List<String> others)
      throws IOException {
    List<String> texts = new ArrayList<>();
    List<Integer> parts = new ArrayList<>();
    if (spans > 0) {
      Random random = new Random(1);
      int[] number = new int[1];
      train.read(
          (text, label) -> {
            List<String> words = Arrays.asList(text.strip().split("\\s+"));
            for (int i = 0; i < spans; i++) {
              int length = 1 + random.nextInt(words.size());
              int start = random.nextInt(words.size() - length + 1);
              texts.add(String.join(" ", words.subList(start, start + length)));
              parts.add(number[0]);
            }
            number[0]++;
          });
    }
    for (String text : others) {
      texts.add(text);
      parts.add(UNKNOWN);
    }
    return new Unlabelled(texts, parts.stream().mapToInt(i -> i).toArray());
  }

  @Override
  public int size() {
    return parts.length;
  }

  @Override
  public int unknown() {
    return parts.length;
  }

  @Override
  public void read(Reader reader) throws IOException {
    for (String text : texts) {
      reader.text(text, UNKNOWN);
    }
  }
}
