package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.LowRankWeight;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.text.EncodedTexts;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Writes the table as {@code E (V W_b)}, E its rows: episodes do not train rows, but all words
 * share V and {@code W_b}, which are trained, so that those of later classes fit, too. {@link
 * MultiplyFactors} then makes {@code W_a = E V}. At first the error of each word counts as often as
 * it is used, for rare words would otherwise take the rank:
 *
 * <pre>
 * min sum_w n_w |e_w - e_w V W_b|^2,  n_w occurrences in the training texts, at least 1
 * W_b = V^T: k right singular vectors of the rows times sqrt(n_w)
 * </pre>
 *
 * @param removed fraction R of the table's parameters to remove, in (0, 1)
 */
@JsonTypeName("factorize-by-use")
public record FactorizeByUse(double removed) implements Step {
  public FactorizeByUse {
    Factorize.check(removed);
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    int rank = Rank.of(table.vocabulary(), table.dimension(), removed);
    return bench.changed(
        before, before.classifier().withTable(factors(table, bench.train(), rank)));
  }

  /** {@code table} as {@code E (V W_b)}. */
  public static LowRank factors(EmbeddingTable table, EncodedTexts texts, int rank) {
    Matrix rows = table.toMatrix();
    int[] uses = uses(texts, rows.rows());
    Matrix weighted = Matrix.zeros(rows.rows(), rows.columns());
    for (int w = 0; w < rows.rows(); w++) {
      float factor = (float) Math.sqrt(uses[w]);
      for (int j = 0; j < rows.columns(); j++) {
        weighted.values()[w * rows.columns() + j] = factor * rows.get(w, j);
      }
    }
    Matrix wb =
        TruncatedSvd.of(weighted, rank).factors(TruncatedSvd.Split.BALANCED).wb().unitRows();
    return new LowRank(
        new Dense(rows), new LowRankWeight(new FloatWeight(wb.transposed()), new FloatWeight(wb)));
  }

  private static int[] uses(EncodedTexts texts, int words) {
    int[] uses = new int[words];
    Arrays.fill(uses, 1);
    for (int i = 0; i < texts.size(); i++) {
      for (int word : texts.ids(i)) {
        uses[word]++;
      }
    }
    return uses;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(Factorize.removed(removed));
  }

  @Override
  public Step withRemoved(DoubleUnaryOperator fraction) {
    return new FactorizeByUse(fraction.applyAsDouble(removed));
  }
}
