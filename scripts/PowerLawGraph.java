import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes the edge list of a random graph with power-law degrees: both ends of an edge are drawn with
 * probabilities in proportion to rank^(-2/3), which gives the exponent 2.5. Loops and edges that
 * occur again are written too, as in real edge lists; the reader omits them.
 *
 * <pre>
 * java scripts/PowerLawGraph.java NODES EDGES FILE
 * </pre>
 */
public final class PowerLawGraph {
  private PowerLawGraph() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("expected NODES EDGES FILE");
      System.exit(2);
    }
    int nodes = Integer.parseInt(args[0]);
    long edges = Long.parseLong(args[1]);
    SplittableRandom random = new SplittableRandom(1);
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[2]))) {
      for (long e = 0; e < edges; e++) {
        out.write(end(nodes, random) + "\t" + end(nodes, random) + "\n");
      }
    }
  }

  private static int end(int nodes, SplittableRandom random) {
    return (int) (nodes * Math.pow(random.nextDouble(), 3));
  }
}
