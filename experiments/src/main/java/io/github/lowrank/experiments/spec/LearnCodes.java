package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Codewords.Join;
import io.github.lowrank.embedding.LearnedCodes;
import io.github.lowrank.linalg.Matrix;
import java.util.List;

/**
 * From here on the codes of the table train together with its codewords, beginning at product
 * quantization: {@link LearnedCodes}. {@link Pack} stores the codes.
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param codeBits bits of a code
 * @param bits width of a number of a codeword, for which room is left; 32 for floats
 */
@JsonTypeName("learn-codes")
public record LearnCodes(double kept, int codeBits, int bits) implements Step {
  public LearnCodes {
    new CodewordsToBytes(kept, Join.CONCATENATED, codeBits, bits);
  }

  @Override
  public State apply(State before, Workbench bench) {
    Matrix table = before.classifier().table().toMatrix();
    int parts =
        new CodewordsToBytes(kept, Join.CONCATENATED, codeBits, bits)
            .parts(table.rows(), table.columns());
    return bench.changed(
        before, before.classifier().withTable(LearnedCodes.of(table, parts, 1 << codeBits)));
  }

  @Override
  public List<Parameter> parameters() {
    return CodewordsToBytes.parameters(kept, CodewordsToBytes.codeBits(codeBits));
  }
}
