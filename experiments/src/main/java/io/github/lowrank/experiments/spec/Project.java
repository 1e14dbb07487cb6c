package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.op.Parameter;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Replaces the rows of a table by their first k principal coordinates, {@code E V_k}. Only before
 * training: the layer above changes its size.
 *
 * @param removed fraction R of the table's parameters to remove, in (0, 1)
 */
@JsonTypeName("project")
public record Project(double removed) implements Step {
  public Project {
    Factorize.check(removed);
  }

  @Override
  public State apply(State before, Workbench bench) {
    Classifier classifier = before.classifier();
    EmbeddingTable table = classifier.table();
    // As many dimensions as fit into the same bytes, because there is no second factor.
    int k = Math.max(1, (int) Math.floor((1 - removed) * table.dimension() + 1e-9));
    TruncatedSvd svd = TruncatedSvd.of(table.toMatrix(), k);
    Classifier changed =
        Classifier.initial(
            classifier.encoder(),
            classifier.head(),
            new Dense(svd.us()),
            classifier.classes(),
            bench.seed());
    return Factorize.measured(bench.changed(before, changed), svd);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(Factorize.removed(removed));
  }

  @Override
  public Step withRemoved(DoubleUnaryOperator fraction) {
    return new Project(fraction.applyAsDouble(removed));
  }
}
