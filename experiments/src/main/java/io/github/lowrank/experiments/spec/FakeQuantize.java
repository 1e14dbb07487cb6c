package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.QuantizationAware;
import java.util.List;

/**
 * From here on the table trains as if it were stored in b-bit codes; of a low-rank table, its long
 * factor. {@link Pack} stores the codes.
 *
 * @param bits width of a code
 */
@JsonTypeName("fake-quantize")
public record FakeQuantize(int bits) implements Step {
  public FakeQuantize {
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
                before.classifier().table().withRows(rows -> QuantizationAware.of(rows, bits))));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("bits", bits, bits + " bit"));
  }
}
