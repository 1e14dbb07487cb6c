package io.github.lowrank.datasets;

import java.util.List;

/** All data sets and word vectors. To add one, add a line here and, for a new layout, a reader. */
public final class Catalogue {
  private Catalogue() {}

  /** All data sets. */
  public static List<DatasetSource> datasets() {
    return List.of(
        wordNetGlosses(), sst2(), sst2Phrases(), trec(), snips(), clinc150(), banking77());
  }

  /** All word vectors. */
  public static List<VectorSource> vectors() {
    return List.of(VectorSource.bgeSmall(), VectorSource.miniLm(), VectorSource.sgns300d());
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
