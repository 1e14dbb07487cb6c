package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A {@link Classifier} as variables and ops of a graph. */
public final class ClassifierGraph {
  private final Classifier classifier;
  private final Variables variables;
  private final EmbeddingLayer embedding;
  private final Set<String> state;
  private final Map<String, Weight.Layer> weights = new LinkedHashMap<>();
  private final Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();

  private ClassifierGraph(Ops tf, Variables variables, Classifier classifier) {
    this.classifier = classifier;
    this.variables = variables;
    this.embedding = classifier.table().layer(tf, variables, "embedding");
    this.state = classifier.head().initialState(classifier.width(), classifier.classes()).keySet();
    classifier
        .weights()
        .forEach(
            (name, weight) -> {
              Weight.Layer layer = weight.layer(tf, variables, name, shape(weight));
              weights.put(name, layer);
              values.put(name, layer.value());
            });
  }

  /** Adds the variables of {@code classifier} to a graph. */
  public static ClassifierGraph create(Ops tf, Variables variables, Classifier classifier) {
    return new ClassifierGraph(tf, variables, classifier);
  }

  private static Shape shape(Weight weight) {
    return weight.rows() == 1
        ? Shape.of(weight.columns())
        : Shape.of(weight.rows(), weight.columns());
  }

  /**
   * The encoder's vector of each text.
   *
   * @param ids {@code [batch, length]}
   * @return {@code [batch, n]}
   */
  public Operand<TFloat32> vectors(Ops tf, Operand<TInt32> ids, Dropout dropout) {
    WordLayer words = new WordLayer(embedding, classifier.encoder().inputWeight().map(values::get));
    return classifier.encoder().encode(tf, words, values, ids, dropout);
  }

  /**
   * The class scores for {@link #vectors}.
   *
   * @return {@code [batch, classes]}
   */
  public Operand<TFloat32> scores(Ops tf, Operand<TFloat32> vectors) {
    return classifier.head().scores(tf, vectors, values);
  }

  /** A scalar that the table's form adds to the loss. */
  public Optional<Operand<TFloat32>> penalty() {
    return embedding.penalty();
  }

  /** The tables, which are trained row by row. */
  public List<Variable> tables() {
    return embedding.tables();
  }

  /** All other trainable variables. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(embedding.parameters());
    weights.forEach(
        (name, layer) -> {
          if (!state.contains(name)) {
            all.addAll(layer.parameters());
          }
        });
    return all;
  }

  /** Sets the head's state. */
  public void setState(Session session, Map<String, Matrix> numbers) {
    try (Variables.Assignment assignment = variables.assignment(session)) {
      numbers.forEach(
          (name, matrix) ->
              weights
                  .get(name)
                  .parameters()
                  .forEach(state -> assignment.set(state.variable(), matrix.values())));
      assignment.run();
    }
  }

  /** Adds the classifier's values to {@code assignment}. */
  public void initialize(Variables.Assignment assignment) {
    embedding.initialize(assignment);
    weights.values().forEach(layer -> layer.initialize(assignment));
  }

  /** Sets the variables to the classifier's values. */
  public void initialize(Session session) {
    try (Variables.Assignment assignment = variables.assignment(session)) {
      initialize(assignment);
      assignment.run();
    }
  }

  /** The classifier's current values in the session. */
  public Classifier.Numbers read(Session session) {
    List<Variable> trained = new ArrayList<>(embedding.tables());
    embedding.parameters().forEach(p -> trained.add(p.variable()));
    weights.values().forEach(w -> w.parameters().forEach(p -> trained.add(p.variable())));
    Map<Variable, float[]> numbers = variables.floats(session, trained);
    Map<String, Weight> now = new LinkedHashMap<>();
    weights.forEach((name, layer) -> now.put(name, layer.with(numbers)));
    return new Classifier.Numbers(embedding.with(numbers), now);
  }
}
