package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vectors of words that are learned from what the real BGE-small says of a few texts. */
class TextWordsTest {
  private static final String CACHE = "lowrank.cache";
  private static final List<String> ADJECTIVES = List.of("dull", "funny", "long", "moving", "flat");
  private static final List<String> NOUNS = List.of("film", "plot", "cast", "ending", "joke");

  @TempDir static Path kept;
  @TempDir Path folder;
  private String cache;

  @BeforeEach
  void ownCache() {
    cache = System.setProperty(CACHE, kept.toString());
  }

  @AfterEach
  void formerCache() {
    if (cache == null) {
      System.clearProperty(CACHE);
    } else {
      System.setProperty(CACHE, cache);
    }
  }

  private Path texts(String name, List<String> texts) throws IOException {
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < texts.size(); i++) {
      csv.append(texts.get(i)).append(i % 2 == 0 ? ",a\n" : ",b\n");
    }
    return Files.writeString(folder.resolve(name), csv);
  }

  private Prepared prepared(VectorSource vectors, List<String> test, List<String> unlabelled)
      throws IOException {
    List<String> train = new ArrayList<>();
    for (String adjective : ADJECTIVES) {
      for (String noun : NOUNS) {
        train.add("a " + adjective + " " + noun);
        train.add("the " + noun + " is not " + adjective);
      }
    }
    OwnFiles files =
        new OwnFiles(
            texts("train.csv", train),
            Optional.of(texts("dev.csv", List.of("a film", "the plot"))),
            HoldOut.share(0.2),
            Optional.of(texts("test.csv", test)),
            unlabelled.isEmpty()
                ? Optional.empty()
                : Optional.of(texts("unlabelled.csv", unlabelled)),
            new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
            Integer.MAX_VALUE);
    return Prepared.of(
        new Prepared.Request(files, vectors, 40, 0, 2, 0, 0, 0),
        new DataRoot(folder.resolve("none")),
        RunListener.NONE);
  }

  private static float[] numbers(Prepared prepared) {
    return prepared.table().values().values();
  }

  private static double cosine(Prepared prepared, String one, String other) {
    float[] a = prepared.table().values().row(prepared.vocabulary().id(one));
    float[] b = prepared.table().values().row(prepared.vocabulary().id(other));
    double[] sums = new double[3];
    for (int i = 0; i < a.length; i++) {
      sums[0] += a[i] * b[i];
      sums[1] += a[i] * a[i];
      sums[2] += b[i] * b[i];
    }
    return sums[0] / Math.sqrt(sums[1] * sums[2]);
  }

  @Test
  void areLearnedFromTrainAloneAndKept() throws IOException {
    VectorSource sentences = VectorSource.bgeSentences();
    List<String> test = List.of("a dull trip", "the funny bore");
    Prepared first = prepared(sentences, test, List.of());
    assertThat(first.coverage()).isEqualTo(1);
    assertThat(first.vocabulary().id("dull film")).isZero(); // once
    assertThat(first.vocabulary().id("the film")).isPositive();
    assertThat(numbers(first)).doesNotContain(Float.NaN);
    assertThat(numbers(first))
        .isNotEqualTo(numbers(prepared(VectorSource.bgeWords(), test, List.of())));

    assertThat(numbers(prepared(sentences, test, List.of()))).isEqualTo(numbers(first));

    // Computed anew, beside other texts of test with the same words.
    System.setProperty(CACHE, folder.resolve("empty").toString());
    List<String> other = List.of("bore the trip", "a funny dull");
    assertThat(numbers(prepared(sentences, other, List.of()))).isEqualTo(numbers(first));
  }

  @Test
  void textsWithoutLabelsAreLearnedFromToo() throws IOException {
    VectorSource sentences = VectorSource.bgeSentences();
    List<String> test = List.of("a tedious film", "a film");
    List<String> unlabelled = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      unlabelled.add("a tedious " + NOUNS.get(i % 5));
    }
    Prepared with = prepared(sentences, test, unlabelled);
    assertThat(with.taught().size()).isEqualTo(150);
    assertThat(Arrays.stream(with.taught().labels()).filter(label -> label < 0)).hasSize(100);
    assertThat(with.table().values().row(with.vocabulary().id("tedious")))
        .isNotEqualTo(
            prepared(sentences, test, unlabelled.subList(0, 60))
                .table()
                .values()
                .row(with.vocabulary().id("tedious")));
  }

  @Test
  void areJoinedWithOthers() throws IOException {
    VectorSource joined =
        VectorSource.joined(List.of(VectorSource.bgeSentences(), VectorSource.bgeWords()));
    Prepared both = prepared(joined, List.of("a film", "the plot"), List.of());
    assertThat(both.coverage()).isEqualTo(1);
    assertThat(cosine(both, "film", "film")).isGreaterThan(0.999);
    assertThat(cosine(both, "film", "plot")).isLessThan(0.999);
  }
}
