package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A form of somebody else's may look its table up by an op pair of its own. */
class ScaledRowsTest {
  @Test
  void gradientIsSparseRows() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Variable table = variables.create("table", Shape.of(4, 2), TFloat32.class);
      Operand<TFloat32> rows =
          ScaledRows.lookup(tf, table, tf.constant(new int[][] {{3, 1}, {1, 0}}));
      Operand<TFloat32> loss =
          tf.reduceSum(tf.math.square(rows), tf.array(0, 1, 2)); // d/dx (3 x)^2 = 18 x
      SparseRows gradient = SparseRows.of(tf.gradients(loss, List.of(table.handle())).dy(0));
      try (Session session = new Session(graph)) {
        variables.assign(session, table, new float[] {1, 2, 3, 4, 5, 6, 7, 8});
        try (Result result = session.runner().fetch(gradient.ids()).fetch(gradient.rows()).run()) {
          int[] ids = new int[3];
          ((TInt32) result.get(0)).copyTo(DataBuffers.of(ids));
          float[] values = new float[6];
          ((TFloat32) result.get(1)).copyTo(DataBuffers.of(values));
          assertThat(ids).containsExactly(3, 1, 0);
          assertThat(values).containsExactly(126, 144, 2 * 54, 2 * 72, 18, 36);
        }
      }
    }
  }
}
