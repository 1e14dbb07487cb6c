package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Map<String, Variable> weights = new LinkedHashMap<>();
  private final Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();

  private ClassifierGraph(Ops tf, Variables variables, Classifier classifier) {
    this.classifier = classifier;
    this.variables = variables;
    this.embedding = EmbeddingLayer.create(tf, variables, classifier.table());
    classifier
        .weights()
        .forEach(
            (name, matrix) -> {
              Variable weight = variables.create(name, shape(matrix), TFloat32.class);
              weights.put(name, weight);
              values.put(name, weight.read(tf));
            });
  }

  /** Adds the variables of {@code classifier} to a graph. */
  public static ClassifierGraph create(Ops tf, Variables variables, Classifier classifier) {
    return new ClassifierGraph(tf, variables, classifier);
  }

  private static Shape shape(Matrix matrix) {
    return matrix.rows() == 1
        ? Shape.of(matrix.columns())
        : Shape.of(matrix.rows(), matrix.columns());
  }

  /**
   * Class scores.
   *
   * @param ids {@code [batch, length]}
   * @return {@code [batch, classes]}
   */
  public Operand<TFloat32> logits(Ops tf, Operand<TInt32> ids, Dropout dropout) {
    return classifier.model().logits(tf, embedding, values, ids, dropout);
  }

  /** Tables, trained row by row. */
  public List<Variable> tables() {
    return embedding.tables();
  }

  /** All other trainable variables. */
  public List<EmbeddingLayer.Parameter> parameters() {
    List<EmbeddingLayer.Parameter> all = new ArrayList<>(embedding.parameters());
    weights.forEach((name, v) -> all.add(new EmbeddingLayer.Parameter(v, values.get(name))));
    return all;
  }

  /** Adds the classifier's numbers to {@code assignment}. */
  public void initialize(Variables.Assignment assignment) {
    embedding.initialize(assignment);
    weights.forEach((name, v) -> assignment.set(v, classifier.weights().get(name).values()));
  }

  /** Sets the variables to the classifier's numbers. */
  public void initialize(Session session) {
    try (Variables.Assignment assignment = variables.assignment(session)) {
      initialize(assignment);
      assignment.run();
    }
  }

  /** The classifier with the numbers that the session has now. */
  public Classifier read(Session session) {
    List<Variable> trained = new ArrayList<>(tables());
    parameters().forEach(p -> trained.add(p.variable()));
    Map<Variable, float[]> numbers = variables.floats(session, trained);
    Map<String, Matrix> now = new LinkedHashMap<>();
    weights.forEach(
        (name, v) -> {
          Matrix was = classifier.weights().get(name);
          now.put(name, new Matrix(was.rows(), was.columns(), numbers.get(v)));
        });
    return new Classifier(classifier.model(), embedding.with(numbers), now, classifier.classes());
  }
}
