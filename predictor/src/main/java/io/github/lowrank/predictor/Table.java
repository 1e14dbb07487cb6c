package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.TableForm;

/** Word vectors in one of the forms of the file. Row 0 is the first known word. */
interface Table {
  /** Number of rows. */
  int rows();

  /** Length d of a row. */
  int columns();

  /** Sums of rows, with memory of its own: one per thread. */
  Pool pool();

  /** Sums of rows. What follows the sum, such as a second factor, is applied to the sum once. */
  interface Pool {
    /**
     * {@code factor} times the sum of rows.
     *
     * @param rows row numbers; negative ones are passed over
     * @param count how many of them
     * @param out has room for {@link Weight#padded} numbers, receives {@code [d]}
     */
    void sum(int[] rows, int count, float factor, float[] out);
  }

  static Table read(Input in) throws FormatException {
    in.enter();
    TableForm form = in.kind(TableForm.values(), "the form of the table");
    Table table =
        switch (form) {
          case FLOATS -> FloatTable.read(in);
          case CODES -> CodedTable.read(in, "the table");
          case LOW_RANK -> LowRankTable.read(in);
          case SCALED_COLUMNS -> ScaledTable.read(in);
          case CODEWORDS -> CodewordTable.read(in);
        };
    in.leave();
    return table;
  }
}
