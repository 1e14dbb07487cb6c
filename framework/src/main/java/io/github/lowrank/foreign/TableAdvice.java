package io.github.lowrank.foreign;

import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tensorflow.proto.DataType;

/**
 * How well a table can be factorized, told before anything is written: a table whose singular
 * values hardly fall (BERT's) is better stored in codes.
 *
 * @param table name
 * @param ranks the error of factorizations that remove from 50 to 95 %
 * @param codes the error of plain codes of 8, 4, 3 and 2 bits, without a factorization
 * @param asked the factorization that was asked for
 * @param rival codes that take no more bytes than what was asked for, or the narrowest there are
 */
public record TableAdvice(
    String table, List<Choice> ranks, List<Choice> codes, Choice asked, Choice rival) {
  private static final double[] REMOVED = {0.5, 0.7, 0.8, 0.9, 0.95};
  private static final int[] BITS = {8, 4, 3, 2, 1};
  // Above this, a factorization loses so much that another form is worth a look.
  private static final double FLAT = 0.5;

  /**
   * A stored form.
   *
   * @param form in words
   * @param removed fraction of numbers removed; 0 for codes
   * @param rank of the factors; 0 for codes
   * @param bits of a number
   * @param bytes of the table
   * @param error relative, in the Frobenius norm
   */
  public record Choice(String form, double removed, int rank, int bits, long bytes, double error) {}

  static TableAdvice of(
      EmbeddingSite site, Matrix table, TruncatedSvd svd, double removed, int bits) {
    DataType type = site.parts().get(0).type;
    List<Choice> ranks = new ArrayList<>();
    for (double r : REMOVED) {
      int rank = Math.max(1, (int) ((1 - r) * table.size() / (table.rows() + table.columns())));
      ranks.add(factorized(type, table, svd, r, rank, Float.SIZE));
    }
    List<Choice> codes = new ArrayList<>();
    for (int width : BITS) {
      codes.add(codes(type, table, width));
    }
    Choice asked = factorized(type, table, svd, removed, svd.rank(), bits);
    Choice rival =
        codes.stream()
            .filter(c -> c.bytes() <= asked.bytes() * 1.1)
            .findFirst()
            .orElse(codes.get(codes.size() - 1));
    return new TableAdvice(site.name(), ranks, codes, asked, rival);
  }

  private static Choice factorized(
      DataType type, Matrix table, TruncatedSvd svd, double removed, int rank, int bits) {
    double[] values = svd.singularValues();
    double all = Arrays.stream(values).map(s -> s * s).sum();
    double cut = Arrays.stream(values).skip(rank).map(s -> s * s).sum();
    return new Choice(
        "rank " + rank,
        removed,
        rank,
        bits,
        StoredTable.bytes(type, table.rows(), rank, bits) + 4L * rank * table.columns(),
        all == 0 ? 0 : Math.sqrt(cut / all));
  }

  private static Choice codes(DataType type, Matrix table, int bits) {
    Matrix found = PackedCodes.quantize(table, bits, PackedCodes.Granularity.PER_ROW).dequantize();
    double squares = 0;
    double all = 0;
    for (int i = 0; i < table.values().length; i++) {
      double x = table.values()[i];
      squares += (x - found.values()[i]) * (x - found.values()[i]);
      all += x * x;
    }
    return new Choice(
        bits + (bits == 1 ? " bit" : " bits"),
        0,
        0,
        bits,
        StoredTable.bytes(type, table.rows(), table.columns(), bits),
        all == 0 ? 0 : Math.sqrt(squares / all));
  }

  /** Whether the factorization that was asked for loses much, and codes would lose less. */
  public boolean flat() {
    return asked.error() > FLAT && codes.stream().anyMatch(c -> c.error() < asked.error());
  }

  /** What is recommended in the place of what was asked for; empty where that is fine. */
  public String recommendation() {
    if (!flat()) {
      boolean dominated = rival.bytes() <= asked.bytes() && rival.error() < asked.error();
      return dominated
          ? String.format(
              Locale.ROOT,
              "%s: fixed point of %s takes %,d bytes instead of %,d and loses %.2f of it instead of "
                  + "%.2f, before training. Recommended: --remove 0 --bits %d, or --retrain",
              table,
              rival.form(),
              rival.bytes(),
              asked.bytes(),
              rival.error(),
              asked.error(),
              rival.bits())
          : "";
    }
    Choice better =
        rival.error() < asked.error()
            ? rival
            : codes.stream()
                .filter(c -> c.error() < asked.error() / 2)
                .reduce((a, b) -> b)
                .orElse(codes.get(0));
    return String.format(
        Locale.ROOT,
        "%s is flat: %s loses %.2f of it; fixed point of %s (%,d bytes instead of %,d) loses %.2f. "
            + "Recommended: --remove 0 --bits %d",
        table,
        asked.form(),
        asked.error(),
        better.form(),
        better.bytes(),
        asked.bytes(),
        better.error(),
        better.bits());
  }

  static int rank(EmbeddingSite site, double removed) {
    return Rank.of(site.rows(), site.columns(), removed);
  }
}
