package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.Split;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real BGE-small against what Python's onnxruntime and tokenizers say of it. */
class SentenceEncoderTest {
  @TempDir Path folder;

  @Test
  void isWhatPythonComputes() throws IOException {
    List<String> texts =
        List.of(
            "Caf\u00e9 na\u00efve don't \u6771\u4eac U.S. foo_bar 3.14 \u2082",
            "a gripping and funny film",
            "");
    float[][] expected = {
      {-0.03180683f, -0.08721535f, 0.01497047f, 0.01086629f},
      {-0.04840769f, 0.04189492f, -0.05671622f, 0.00190762f},
      {0.04846172f, -0.00129609f, 0.01687906f, -0.04792946f}
    };
    List<Long> told = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void texts(String what, long count) {
            told.add(count);
          }
        };
    String cache = System.setProperty("lowrank.cache", folder.toString());
    try {
      DataRoot root = new DataRoot(folder.resolve("none"));
      Matrix vectors = Encodings.of(VectorSource.bgeSmall(), texts, "encoding", root, listener);
      for (int i = 0; i < expected.length; i++) {
        for (int j = 0; j < 4; j++) {
          assertThat(vectors.get(i, j)).isCloseTo(expected[i][j], within(2e-5f));
        }
      }
      assertThat(told).containsExactly(3L);
      // The second time they are read; a damaged file is computed again.
      Matrix again = Encodings.of(VectorSource.bgeSmall(), texts, "encoding", root, listener);
      assertThat(again.values()).containsExactly(vectors.values());
      assertThat(told).hasSize(1);
      try (var files = Files.list(folder)) {
        Path kept = files.findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(kept);
        bytes[bytes.length / 2] ^= 1;
        Files.write(kept, bytes);
      }
      Matrix mended = Encodings.of(VectorSource.bgeSmall(), texts, "encoding", root, listener);
      assertThat(mended.values()).containsExactly(vectors.values());
      assertThat(told).hasSize(2);
    } finally {
      if (cache == null) {
        System.clearProperty("lowrank.cache");
      } else {
        System.setProperty("lowrank.cache", cache);
      }
    }
  }

  @Test
  void tfIdfKnowsWordsAndPairs() throws IOException {
    List<String> texts = new ArrayList<>();
    int[] labels = new int[40];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 2;
      // Each word is in both classes; only the pair tells them apart.
      texts.add(i % 2 == 0 ? "not good, is bad" : "is good, not bad");
    }
    Split split = Split.of(texts, labels);
    Dataset one = new Dataset(List.of("bad", "good"), split, split, split);
    assertThat(TfIdf.train(one).accuracy(split)).isEqualTo(1);
    Dataset any =
        new Dataset(
            List.of("all", "bad", "good"),
            split,
            split,
            split,
            List.of(),
            List.of(),
            List.of(new int[] {1}, new int[] {0, 2}),
            new float[0]);
    assertThat(TfIdf.train(any).accuracy(split)).isEqualTo(1);
  }
}
