package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * Rows that are made of a few rows of another table, one after the other or added.
 *
 * @param codes {@code [rows, parts]}: which codewords, counted from the part's first
 * @param firsts the first codeword of each part
 * @param words the codewords
 * @param summed whether codewords are added
 * @param columns length of a row
 */
record CodewordTable(CodedTable codes, int[] firsts, Table words, boolean summed, int columns)
    implements Table {
  static CodewordTable read(Input in) throws FormatException {
    boolean summed = in.octet("whether codewords are summed", 0, 1) == 1;
    int at = in.position();
    int columns = in.integer("columns of the table", 1, CompactFormat.LARGEST_WEIGHT);
    CodedTable codes = CodedTable.read(in, "the codes of codewords");
    int[] firsts = new int[codes.columns()];
    int starts = in.position();
    for (int p = 0; p < firsts.length; p++) {
      firsts[p] = in.integer("the first codeword of a part", 0, Integer.MAX_VALUE);
    }
    Table words = Table.read(in);
    long width = summed ? words.columns() : (long) words.columns() * firsts.length;
    if (columns > width || columns <= width - words.columns()) {
      throw in.wrong(at, "codewords for %d columns".formatted(columns), width);
    }
    for (int r = 0; r < codes.rows(); r++) {
      for (int p = 0; p < firsts.length; p++) {
        long word = (long) firsts[p] + codes.code(r, p);
        if (word >= words.rows()) {
          throw in.wrong(starts, "one of %d codewords".formatted(words.rows()), word);
        }
      }
    }
    return new CodewordTable(codes, firsts, words, summed, columns);
  }

  @Override
  public int rows() {
    return codes.rows();
  }

  @Override
  public Pool pool() {
    Pool pool = words.pool();
    float[] part = new float[Weight.padded(words.columns())];
    return new Pool() {
      private int[] found = new int[0];

      @Override
      public void sum(int[] ids, int count, float factor, float[] out) {
        if (found.length < count) {
          found = new int[2 * count];
        }
        Arrays.fill(out, 0, columns, 0);
        for (int p = 0; p < firsts.length; p++) {
          for (int i = 0; i < count; i++) {
            found[i] = ids[i] < 0 ? -1 : firsts[p] + codes.code(ids[i], p);
          }
          pool.sum(found, count, factor, part);
          int start = summed ? 0 : p * words.columns();
          for (int c = 0; c < words.columns() && start + c < columns; c++) {
            out[start + c] += part[c];
          }
        }
      }
    };
  }
}
