import io.github.lowrank.labelling.Neighbours;
import io.github.lowrank.linalg.Matrix;
import java.util.Locale;
import java.util.Random;

/** Prints how long exact neighbours take among random vectors: {@code TEXTS DIMENSION}. */
final class MillionNeighbours {
  private MillionNeighbours() {}

  public static void main(String[] args) {
    Random random = new Random(1);
    int texts = Integer.parseInt(args[0]);
    int dimension = Integer.parseInt(args[1]);
    Neighbours pool = new Neighbours(Matrix.uniform(texts, dimension, 1, random).unitRows());
    for (int queries : new int[] {10, 1, 10, 100}) { // the first warms up
      Matrix some = Matrix.uniform(queries, dimension, 1, random).unitRows();
      long start = System.nanoTime();
      pool.nearest(some, 50);
      System.out.printf(
          Locale.ROOT,
          "%,d texts, %d dimensions, the 50 nearest of %d: %.2f s%n",
          texts,
          dimension,
          queries,
          (System.nanoTime() - start) / 1e9);
    }
  }
}
