package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Codewords.Join;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.linalg.CodewordSearch;
import io.github.lowrank.linalg.Matrix;
import java.util.List;

/**
 * Puts the table into {@link Codewords} found by {@link CodewordSearch}, with as many codewords per
 * row as fit into a share of the table's bytes; the bytes of the codewords count.
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param join how codewords make a row
 * @param codeBits bits of a code: a part of a row has {@code 2^codeBits} codewords
 * @param bits width of a number of a codeword, for which room is left; 32 for floats
 */
@JsonTypeName("codewords-to-bytes")
public record CodewordsToBytes(double kept, Join join, int codeBits, int bits) implements Step {
  /** Values as {@link FactorizeToBytes} has them. */
  public CodewordsToBytes {
    new FactorizeToBytes(kept, bits); // the same checks
    if (codeBits < 1 || codeBits > 12) {
      throw new IllegalArgumentException("code bits must be in 1 .. 12, but is " + codeBits);
    }
  }

  /** Bytes of {@code rows} codewords as {@link FakeQuantize} and {@link Pack} will store them. */
  static long wordBytes(int rows, int columns, int bits) {
    return bits == Float.SIZE
        ? (long) rows * columns * Float.BYTES
        : (long) rows * PackedCodes.bytesPerRow(columns, bits) + (2L + columns) * Float.BYTES;
  }

  /** Codewords per row for a {@code V x d} table. */
  int parts(int vocabulary, int dimension) {
    double most = kept * vocabulary * dimension * Float.BYTES;
    int best = 0;
    for (int parts = 1; parts <= dimension; parts++) {
      int width = join == Join.SUMMED ? dimension : CodewordSearch.width(dimension, parts);
      // Some numbers of blocks would leave the last block empty.
      boolean fits = join == Join.SUMMED || (parts - 1) * width < dimension;
      if (fits && bytes(vocabulary, parts, width) <= most) {
        best = parts;
      }
    }
    if (best == 0) {
      throw new IllegalArgumentException(
          "a %d x %d table has no codes of %d bits in %s of its bytes: one a row takes %,d of %,.0f"
              .formatted(
                  vocabulary, dimension, codeBits, kept, bytes(vocabulary, 1, dimension), most));
    }
    return best;
  }

  private long bytes(int vocabulary, int parts, int width) {
    int perPart = 1 << codeBits;
    return (long) vocabulary * Codes.Stored.bytesPerRow(parts, perPart)
        + wordBytes(parts * perPart, width, bits);
  }

  @Override
  public State apply(State before, Workbench bench) {
    Matrix table = before.classifier().table().toMatrix();
    int parts = parts(table.rows(), table.columns());
    int perPart = 1 << codeBits;
    CodewordSearch found =
        join == Join.SUMMED
            ? CodewordSearch.summed(table, parts, perPart)
            : CodewordSearch.concatenated(table, parts, perPart);
    EmbeddingTable codewords =
        new Codewords(
            Codes.Stored.of(table.rows(), parts, perPart, found.codes()),
            new Dense(found.words()),
            join,
            table.columns());
    return bench.changed(before, before.classifier().withTable(codewords));
  }

  static List<Parameter> parameters(double kept, Parameter... more) {
    List<Parameter> all = new java.util.ArrayList<>();
    all.add(FactorizeToBytes.kept(kept));
    all.addAll(List.of(more));
    return all;
  }

  static Parameter codeBits(int codeBits) {
    return new Parameter("code_bits", codeBits, codeBits + " bit codes");
  }

  @Override
  public List<Parameter> parameters() {
    return parameters(kept, codeBits(codeBits));
  }
}
