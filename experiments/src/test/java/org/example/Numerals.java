package org.example;

import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Three number words; the class is whether most of them are odd. Made up, so without files. */
public record Numerals() implements DatasetSource {
  private static final List<String> WORDS =
      List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");

  @Override
  public String name() {
    return "numerals";
  }

  @Override
  public String description() {
    return "three number words: mostly odd or mostly even";
  }

  @Override
  public String licence() {
    return "none needed";
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
    return new Dataset(List.of("even", "odd"), split(600, 1), split(100, 2), split(100, 3));
  }

  private static Split split(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      int odd = 0;
      List<String> words = new ArrayList<>();
      for (int j = 0; j < 3; j++) {
        int number = random.nextInt(WORDS.size());
        odd += number % 2;
        words.add(WORDS.get(number));
      }
      texts.add(String.join(" ", words));
      labels[i] = odd / 2;
    }
    return Split.of(texts, labels);
  }
}
