package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.QuantizationAware;
import java.util.List;

/**
 * From here on the table trains as if it were stored in b-bit codes; of a low-rank table the long
 * factor, and the short one in 8 bits or more: it is small and multiplies every component. {@link
 * Pack} stores the codes.
 *
 * @param bits width of a code
 */
@JsonTypeName("fake-quantize")
public record FakeQuantize(int bits) implements Step {
  /** Narrower codes of a short factor save little. */
  static final int SHORT_BITS = 8;

  public FakeQuantize {
    if (bits < 1 || bits > 16) {
      throw new IllegalArgumentException("bits must be in 1 .. 16, but is " + bits);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    return bench.changed(before, before.classifier().withTable(table(before.classifier().table())));
  }

  /** {@code table}, as it trains from here on. */
  public EmbeddingTable table(EmbeddingTable table) {
    return table
        .withRows(rows -> QuantizationAware.of(rows, bits))
        .withWeights(w -> FakeQuantizedWeight.of(w, Math.max(bits, SHORT_BITS)));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("bits", bits, bits + " bit"));
  }
}
