package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.op.Parameter;
import java.util.List;

/**
 * Stores the table in b-bit codes; for a low-rank table, its long factor.
 *
 * @param bits width of a code
 * @param granularity which numbers share a scale
 */
@JsonTypeName("quantize")
public record Quantize(int bits, PackedCodes.Granularity granularity) implements Step {
  public Quantize {
    if (bits < 1 || bits > 16) {
      throw new IllegalArgumentException("bits must be in 1 .. 16, but is " + bits);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    return bench.changed(
        before,
        before
            .classifier()
            .withTable(
                before
                    .classifier()
                    .table()
                    .withRows(
                        rows -> new FixedPoint(PackedCodes.quantize(rows, bits, granularity)))));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("bits", bits, bits + " bit"));
  }
}
