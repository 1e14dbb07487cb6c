package io.github.lowrank.datasets;

import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;

/** A data set of the catalogue. */
public interface DatasetSource {
  /** Short name, as experiments and tables use it. */
  String name();

  /** A one-line description. */
  String description();

  /** Licence or terms. */
  String licence();

  /** Whether the texts are already tokenized, with tokens separated by spaces. */
  boolean tokenized();

  /** Largest number of different words that are read, the most frequent; others are unknown. */
  default int maxWords() {
    return Integer.MAX_VALUE;
  }

  /**
   * The data of the trials with that seed: the same for all, unless every seed has its own split.
   */
  default DatasetSource forSeed(int seed) {
    return this;
  }

  /**
   * All files.
   *
   * @throws IOException if a user's own file cannot be read for its checksum
   */
  List<DataFile> files() throws IOException;

  /**
   * Reads and verifies the data set.
   *
   * @throws DatasetException if a file is missing, has another checksum, or does not parse
   */
  Dataset load(DataRoot root) throws IOException;

  /**
   * The same, telling {@code progress} now and then how many texts of a file it has read.
   *
   * @throws DatasetException as above
   */
  default Dataset load(DataRoot root, LongConsumer progress) throws IOException {
    return load(root);
  }
}
