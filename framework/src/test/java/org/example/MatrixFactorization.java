package org.example;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.train.Metric;
import io.github.lowrank.train.Objective;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Ratings of items by users as products of two vectors, {@code r_ui ~ p_u q_i}. */
public class MatrixFactorization implements Objective<MatrixFactorization.Factors> {
  private static final Metric RMSE = new Metric("rmse", false);

  /**
   * Ratings, one per place of the arrays.
   *
   * @param users who rated
   * @param items what
   * @param values how
   */
  public record Ratings(int[] users, int[] items, float[] values) {}

  /**
   * What is trained.
   *
   * @param users {@code [users, k]}
   * @param items {@code [items, k]}
   */
  public record Factors(Matrix users, Matrix items) {
    static Factors initial(int users, int items, int rank, long seed) {
      Random random = new Random(seed);
      return new Factors(
          Matrix.uniform(users, rank, 0.5, random), Matrix.uniform(items, rank, 0.5, random));
    }
  }

  private final Factors initial;
  private final Ratings train;
  private final Ratings held;
  private final int batch;
  private final long seed;

  private Variables variables;
  private Variable users;
  private Variable items;
  private Placeholder<TInt32> userIds;
  private Placeholder<TInt32> itemIds;
  private Placeholder<TFloat32> ratings;
  private Operand<TFloat32> loss;

  MatrixFactorization(Factors initial, Ratings train, Ratings held, int batch, long seed) {
    this.initial = initial;
    this.train = train;
    this.held = held;
    this.batch = batch;
    this.seed = seed;
  }

  @Override
  public void build(Ops tf, Variables all, Operand<TInt64> step) {
    variables = all;
    users = table("users", initial.users);
    items = table("items", initial.items);
    userIds = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    itemIds = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    ratings = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1)));
    Operand<TFloat32> products =
        tf.math.mul(SparseRows.gather(tf, users, userIds), SparseRows.gather(tf, items, itemIds));
    Operand<TFloat32> errors =
        tf.math.squaredDifference(tf.reduceSum(products, tf.constant(1)), ratings);
    loss = tf.math.mean(errors, tf.constant(0));
  }

  private Variable table(String name, Matrix rows) {
    return variables.create(name, Shape.of(rows.rows(), rows.columns()), TFloat32.class);
  }

  @Override
  public Operand<TFloat32> loss() {
    return loss;
  }

  @Override
  public List<Variable> tables() {
    return List.of(users, items);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of();
  }

  @Override
  public void initialize(Variables.Assignment assignment) {
    assignment.set(users, initial.users.values()).set(items, initial.items.values());
  }

  @Override
  public Batch batch(Session session, long step) {
    Random random = new Random(seed * 1_000_003L + step);
    int[] u = new int[batch];
    int[] i = new int[batch];
    float[] r = new float[batch];
    for (int n = 0; n < batch; n++) {
      int rating = random.nextInt(train.values.length);
      u[n] = train.users[rating];
      i[n] = train.items[rating];
      r[n] = train.values[rating];
    }
    return new Batch(Map.of(userIds, ids(u), itemIds, ids(i), ratings, floats(r)), batch);
  }

  private static TInt32 ids(int[] values) {
    return TInt32.tensorOf(Shape.of(values.length), DataBuffers.of(values));
  }

  private static TFloat32 floats(float[] values) {
    return TFloat32.tensorOf(Shape.of(values.length), DataBuffers.of(values));
  }

  @Override
  public Metric metric() {
    return RMSE;
  }

  @Override
  public Map<String, Double> evaluate(Session session) {
    try (TInt32 u = ids(held.users);
        TInt32 i = ids(held.items);
        TFloat32 r = floats(held.values);
        Result result =
            Sessions.caller(session)
                .feed(userIds, u)
                .feed(itemIds, i)
                .feed(ratings, r)
                .fetch(loss)
                .run()) {
      double mse = ((TFloat32) result.get(0)).getFloat();
      return Map.of("mse", mse, RMSE.name(), Math.sqrt(mse));
    }
  }

  @Override
  public Factors read(Session session) {
    Map<Variable, float[]> now = variables.floats(session, tables());
    return new Factors(initial.users.with(now.get(users)), initial.items.with(now.get(items)));
  }

  @Override
  public Class<Factors> type() {
    return Factors.class;
  }
}
