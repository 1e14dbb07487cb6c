package io.github.lowrank.factorization;

import io.github.lowrank.embedding.Rank;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.Spectrum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The card of a factorization.
 *
 * @param table name of the file
 * @param engine who computed it
 * @param words V
 * @param dimension d
 * @param rank k
 * @param removed share of the V d numbers that {@code k (V + d)} do not need
 * @param relativeError {@code ||E - U_k S_k V_k^T||_F / ||E||_F}, from the singular values
 * @param singularValues all d of them, descending
 */
public record Factorization(
    String table,
    String engine,
    long words,
    int dimension,
    int rank,
    double removed,
    double relativeError,
    double[] singularValues) {
  /** Name of the file of {@code V_k^T}: k lines of d numbers. */
  public static final String BASIS = "basis.txt";

  /** Name of the file of this card. */
  public static final String CARD = "factorization.json";

  /** Name of the rows {@code U_k S_k}, without a suffix. */
  public static final String ROWS = "rows";

  /** The widest table; its Gram matrix takes 134 MB. */
  public static final int MOST_COLUMNS = 4096;

  /** The card of a table. */
  public static Factorization of(
      FactorizationRequest request, String engine, long words, Spectrum spectrum, int rank) {
    int d = spectrum.singularValues().length;
    return new Factorization(
        request.table().getFileName().toString(),
        engine,
        words,
        d,
        rank,
        1 - Rank.parameters(Math.toIntExact(words), d, rank) / ((double) words * d),
        spectrum.relativeError(rank),
        spectrum.singularValues());
  }

  /** A warning if the factors have more numbers than the table. */
  public Optional<String> warning() {
    return removed > 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "rank %,d takes %,d x (%,d + %,d) = %,d numbers, no fewer than the %,d of the table: "
                    + "a rank below %,d removes some",
                rank,
                rank,
                words,
                dimension,
                rank * (words + dimension),
                words * dimension,
                (words * dimension - 1) / (words + dimension) + 1));
  }

  /**
   * Refuses a table that is too wide.
   *
   * @param table for the message
   */
  public static void checkWidth(Object table, int columns) throws IOException {
    if (columns > MOST_COLUMNS) {
      throw new IOException(
          "%s: expected at most %d numbers per word, found %d"
              .formatted(table, MOST_COLUMNS, columns));
    }
  }

  /**
   * Writes what is not rows.
   *
   * @param basis {@code V_k^T}, {@code [k, d]}
   */
  public void write(Path folder, Matrix basis) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < basis.rows(); row++) {
      for (int column = 0; column < basis.columns(); column++) {
        lines.append(column == 0 ? "" : " ").append(basis.get(row, column));
      }
      lines.append('\n');
    }
    AtomicFiles.write(folder.resolve(BASIS), lines.toString());
    AtomicFiles.write(folder.resolve(CARD), Json.pretty(this));
  }
}
