package io.github.lowrank.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * All data sets and word vectors. A new one is a line here and, for a new layout, a reader; a data
 * set of somebody else's library is a record that implements {@link DatasetSource} and has its name
 * in {@code META-INF/services/io.github.lowrank.datasets.DatasetSource}.
 */
public final class Catalogue {
  private Catalogue() {}

  /** All data sets. */
  public static List<DatasetSource> datasets() {
    List<DatasetSource> all =
        new ArrayList<>(
            List.of(
                wordNetGlosses(), sst2(), sst2Phrases(), trec(), snips(), clinc150(), banking77()));
    ServiceLoader.load(DatasetSource.class).forEach(all::add);
    return List.copyOf(all);
  }

  /** All word vectors. */
  public static List<VectorSource> vectors() {
    return List.of(
        VectorSource.bgeSmall(),
        VectorSource.bgeWords(),
        VectorSource.bgeSentences(),
        VectorSource.miniLm(),
        VectorSource.sgns300d());
  }

  /** Noun glosses of WordNet 3.1, which Maven fetches. */
  public static DatasetSource wordNetGlosses() {
    return new WordNetGlosses();
  }

  /** SST-2, sentences. */
  public static DatasetSource sst2() {
    return LabelledLines.sst2();
  }

  /** SST-2, trained on phrases, scored on sentences. */
  public static DatasetSource sst2Phrases() {
    return LabelledLines.sst2Phrases();
  }

  /** TREC-6. */
  public static DatasetSource trec() {
    return LabelledLines.trec();
  }

  /** SNIPS. */
  public static DatasetSource snips() {
    return ParallelLines.snips();
  }

  /** CLINC150. */
  public static DatasetSource clinc150() {
    return ParallelLines.clinc150();
  }

  /** BANKING77. */
  public static DatasetSource banking77() {
    return ParallelLines.banking77();
  }
}
