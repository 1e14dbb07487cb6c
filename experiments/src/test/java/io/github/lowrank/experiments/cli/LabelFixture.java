package io.github.lowrank.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts of two kinds of words, whose vectors tell them apart. */
final class LabelFixture {
  private static final List<String> ANIMALS = List.of("fox", "wolf", "cat", "hare", "owl", "bee");
  private static final List<String> FOOD = List.of("bread", "soup", "rice", "plum", "pie", "tea");

  private final Path folder;
  Path out;

  LabelFixture(Path folder) throws IOException {
    this.folder = folder;
    this.out = folder.resolve("labelling");
    Random random = new Random(1);
    List<String> vectors = new ArrayList<>();
    for (List<String> kind : List.of(ANIMALS, FOOD)) {
      for (String word : kind) {
        StringBuilder line = new StringBuilder(word);
        for (int k = 0; k < 8; k++) {
          double centre = k % 2 == (kind == FOOD ? 1 : 0) ? 1 : 0;
          line.append(' ').append((float) (centre + 0.1 * random.nextGaussian()));
        }
        vectors.add(line.toString());
      }
    }
    Files.write(folder.resolve("words.txt"), vectors);
    List<String> pool = new ArrayList<>();
    List<String> truth = new ArrayList<>(List.of("text,label"));
    for (List<String> kind : List.of(ANIMALS, FOOD)) {
      for (int i = 0; i < 58; i++) {
        String text = "";
        do {
          text = kind.get(random.nextInt(6)) + " " + kind.get(random.nextInt(6));
          text += " " + kind.get(random.nextInt(6));
        } while (pool.contains(text));
        pool.add(text);
        truth.add(text + "," + (kind == FOOD ? "food" : "animal"));
      }
    }
    Files.write(folder.resolve("pool.txt"), pool);
    Files.write(truth(), truth);
    Files.writeString(
        seeds(), "text,label\nfox wolf,animal\ncat hare,animal\nbread soup,food\nrice plum,food\n");
  }

  /** The class of a text that begins with one of the words, and then the rest of it. */
  static String truth(String line) {
    String word = line.substring(0, line.indexOf(' '));
    String label = FOOD.contains(word) ? "food" : "animal";
    return line.contains("," + label + ",") ? word : "wrong label";
  }

  Path truth() {
    return folder.resolve("truth.csv");
  }

  Path seeds() {
    return folder.resolve("seeds.csv");
  }

  Path out() {
    return out;
  }

  String[] command(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "label",
                "--pool",
                folder.resolve("pool.txt").toString(),
                "--seeds",
                seeds().toString()));
    List<String> given = List.of(more);
    if (!given.contains("--vectors")) {
      command.addAll(List.of("--vectors", folder.resolve("words.txt").toString()));
    }
    if (!given.contains("--out")) {
      command.addAll(List.of("--out", out.toString()));
    }
    command.addAll(given);
    return command.toArray(new String[0]);
  }
}
