package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.TensorTrain;
import java.util.List;
import java.util.Random;

/**
 * Replaces the table by a {@link TensorTrain} of the largest rank whose cores, in floats, fit into
 * a share of its bytes.
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param start where the cores begin
 */
@JsonTypeName("tensor-train-to-bytes")
public record TensorTrainToBytes(double kept, Start start) implements Step {
  /** Where the cores begin. */
  public enum Start {
    /** The table, decomposed by TT-SVD. */
    TABLE,
    /** Random numbers; the table is discarded. */
    RANDOM
  }

  public TensorTrainToBytes {
    FactorizeToBytes.checkKept(kept);
  }

  /** The rank for a {@code V x d} table. */
  static int rank(int vocabulary, int dimension, TensorTrain.Digits digits, double kept) {
    double most = kept * vocabulary * dimension;
    int rank = 0;
    while (digits.parameters(rank + 1) <= most) {
      rank++;
    }
    if (rank == 0) {
      throw new IllegalArgumentException(
          "a %d x %d table has no tensor train in %s of its bytes: rank 1 takes %,d numbers of %,.0f"
              .formatted(vocabulary, dimension, kept, digits.parameters(1), most));
    }
    return rank;
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    int v = table.vocabulary();
    int d = table.dimension();
    TensorTrain.Digits digits = TensorTrain.Digits.of(v, d);
    int rank = rank(v, d, digits, kept);
    TensorTrain train =
        switch (start) {
          case TABLE -> TensorTrain.of(table.toMatrix(), digits, rank);
          case RANDOM -> TensorTrain.random(v, d, digits, rank, new Random(bench.seed()));
        };
    return bench.changed(before, before.classifier().withTable(train));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(FactorizeToBytes.kept(kept));
  }
}
