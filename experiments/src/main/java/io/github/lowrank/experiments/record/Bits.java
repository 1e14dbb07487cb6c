package io.github.lowrank.experiments.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which texts were classified correctly, as hexadecimal bytes: bit i of the bytes is text i, and
 * the bit after the last text is set. {@code correct.csv} holds one line per trial.
 *
 * @param correct the texts that were
 * @param texts number of texts
 */
public record Bits(BitSet correct, int texts) {
  /** Name of the file in the folder of a run. */
  public static final String FILE = "correct.csv";

  private static final List<String> HEADING = List.of("trial", "correct");

  /** The bits of {@code size} texts, some of which were classified correctly. */
  public static String of(BitSet right, int size) {
    BitSet correct = (BitSet) right.clone();
    correct.set(size); // keeps the length of the last byte
    return HexFormat.of().formatHex(correct.toByteArray());
  }

  /** Reads what {@link #of} wrote. */
  public static Bits parse(String hex) {
    BitSet correct = BitSet.valueOf(HexFormat.of().parseHex(hex));
    if (correct.isEmpty()) {
      throw new IllegalArgumentException("'%s' ends with no set bit".formatted(hex));
    }
    int texts = correct.length() - 1;
    correct.clear(texts);
    return new Bits(correct, texts);
  }

  /** Share of the texts that were classified correctly. */
  public double accuracy() {
    return correct.cardinality() / (double) texts;
  }

  /** Writes {@link #of the bits} of each trial. */
  public static void write(Path directory, Map<String, String> byTrial) throws IOException {
    Csv.write(
        directory.resolve(FILE),
        HEADING,
        byTrial.entrySet().stream().map(e -> List.of(e.getKey(), e.getValue())).toList());
  }

  /** Reads what {@link #write} wrote; nothing where there is no such file. */
  public static Map<String, Bits> read(Path directory) throws IOException {
    Map<String, Bits> byTrial = new LinkedHashMap<>();
    Path file = directory.resolve(FILE);
    if (Files.exists(file)) {
      Csv.read(
          file,
          HEADING,
          line -> {
            String trial = line.get("trial");
            try {
              if (byTrial.put(trial, parse(line.get("correct"))) == null) {
                return trial;
              }
            } catch (IllegalArgumentException e) {
              throw new IllegalArgumentException(
                  "trial %s: expected hexadecimal digits, found %s"
                      .formatted(trial, e.getMessage()),
                  e);
            }
            throw new IllegalArgumentException(
                "expected each trial once, found %s again".formatted(trial));
          });
    }
    return byTrial;
  }
}
