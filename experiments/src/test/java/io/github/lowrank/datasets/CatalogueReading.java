package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The readers of the catalogue's files, without the checksums that let nothing damaged come here.
 */
public final class CatalogueReading {
  private CatalogueReading() {}

  /** As SST-2. */
  public static void labelledLines(String file, byte[] bytes) throws IOException {
    LabelledLines.parse(file, bytes, StandardCharsets.UTF_8, 6);
  }

  /** As SNIPS, with the same bytes as texts and as labels. */
  public static void parallelLines(String file, byte[] bytes) throws IOException {
    List<String> lines = Lines.decode(file, bytes, StandardCharsets.UTF_8);
    ParallelLines.pair(file, lines, file, lines, List.of("x", "y"));
  }

  /** WordNet. */
  public static void glosses(String file, byte[] bytes) throws IOException {
    WordNetGlosses.parse(file, bytes);
  }
}
