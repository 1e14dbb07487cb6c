package io.github.lowrank.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FoldsTest {
  private static final int TEXTS = 1000;

  /** Every fourth text occurs twice. */
  private static final DatasetSource SOURCE =
      new DatasetSource() {
        @Override
        public String name() {
          return "source";
        }

        @Override
        public String description() {
          return "texts";
        }

        @Override
        public String licence() {
          return "none";
        }

        @Override
        public boolean tokenized() {
          return true;
        }

        @Override
        public List<DataFile> files() {
          return List.of();
        }

        @Override
        public Dataset load(DataRoot root) {
          List<String> texts =
              IntStream.range(0, TEXTS).mapToObj(i -> "text " + (i % 4 == 0 ? i / 8 : i)).toList();
          return new Dataset(
              List.of("even", "odd"),
              split(texts.subList(0, 900)),
              split(texts.subList(900, TEXTS)),
              Split.of(List.of("official test"), new int[] {0}));
        }

        private Split split(List<String> texts) {
          return Split.of(texts, IntStream.range(0, texts.size()).map(i -> i % 2).toArray());
        }
      };

  private static List<String> texts(Split split) throws IOException {
    List<String> texts = new ArrayList<>();
    split.read((text, label) -> texts.add(text));
    return texts;
  }

  @Test
  void everyTextIsTestInOneFoldAndNeverInTwoParts() throws IOException {
    DataRoot root = new DataRoot(Path.of("none"));
    Set<String> tested = new HashSet<>();
    int count = 0;
    for (int seed = 1; seed <= 10; seed++) {
      Dataset fold = new Folds(SOURCE, 10, 0).forSeed(seed).load(root);
      Set<String> train = new HashSet<>(texts(fold.train()));
      Set<String> dev = new HashSet<>(texts(fold.dev()));
      List<String> test = texts(fold.test());
      assertThat(train).doesNotContainAnyElementsOf(dev).doesNotContainAnyElementsOf(test);
      assertThat(dev).doesNotContainAnyElementsOf(test).doesNotContain("official test");
      assertThat(fold.train().size() + fold.dev().size() + test.size()).isEqualTo(TEXTS);
      assertThat(test).hasSizeBetween(50, 150);
      assertThat(tested).doesNotContainAnyElementsOf(test);
      tested.addAll(test);
      count += test.size();
    }
    assertThat(count).isEqualTo(TEXTS);
  }

  @Test
  void seedsTakeTheFoldsInTurn() {
    Folds folds = new Folds(SOURCE, 10, 0);
    assertThat(folds.forSeed(1)).isEqualTo(folds).isEqualTo(folds.forSeed(11));
    assertThat(folds.forSeed(2)).isEqualTo(new Folds(SOURCE, 10, 1));
    assertThat(SOURCE.forSeed(3)).isSameAs(SOURCE);
    assertThatThrownBy(() -> new Folds(SOURCE, 2, 0)).hasMessageContaining("found fold 0 of 2");
  }
}
