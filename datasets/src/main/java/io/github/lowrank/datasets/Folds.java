package io.github.lowrank.datasets;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The train and dev texts of another data set, split again for every seed: one of {@code count}
 * folds is test, the next one is dev, the others are train. A hash of the text chooses its fold, so
 * equal texts stay together. The official test texts are not used.
 *
 * @param source the data set
 * @param count number of folds, at least 3
 * @param number of the fold that is test, in 0 .. count - 1
 */
public record Folds(DatasetSource source, int count, int number) implements DatasetSource {
  public Folds {
    if (count < 3 || number < 0 || number >= count) {
      throw new IllegalArgumentException(
          "expected at least 3 folds, and one of them, found fold %d of %d"
              .formatted(number, count));
    }
  }

  @Override
  public DatasetSource forSeed(int seed) {
    return new Folds(source, count, Math.floorMod(seed - 1, count));
  }

  @Override
  public String name() {
    return source.name() + "-folds";
  }

  @Override
  public String description() {
    return "%s, %d folds of train and dev".formatted(source.description(), count);
  }

  @Override
  public String licence() {
    return source.licence();
  }

  @Override
  public boolean tokenized() {
    return source.tokenized();
  }

  @Override
  public int maxWords() {
    return source.maxWords();
  }

  @Override
  public List<DataFile> files() throws IOException {
    return source.files();
  }

  @Override
  public Dataset load(DataRoot root) throws IOException {
    return load(root, texts -> {});
  }

  @Override
  public Dataset load(DataRoot root, LongConsumer progress) throws IOException {
    Dataset whole = source.load(root, progress);
    Part train = new Part();
    Part dev = new Part();
    Part test = new Part();
    for (Split split : List.of(whole.train(), whole.dev())) {
      split.read(
          (text, label) -> {
            int fold = HoldOut.fold(text, count);
            (fold == number ? test : fold == (number + 1) % count ? dev : train).add(text, label);
          });
    }
    return new Dataset(whole.labels(), train.split(), dev.split(), test.split());
  }

  private static final class Part {
    private final List<String> texts = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    void add(String text, int label) {
      texts.add(text);
      labels.add(label);
    }

    Split split() {
      return Split.of(texts, labels.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
