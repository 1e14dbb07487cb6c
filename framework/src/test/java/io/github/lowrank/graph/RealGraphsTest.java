package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published graphs; their counts are those that others give. */
class RealGraphsTest {
  private static final String DATA = System.getProperty("lowrank.data", "");

  /** Cora's edges that occur in both directions count once, so there are fewer than lines. */
  @ParameterizedTest
  @CsvSource({
    "cora_edgelist.txt, cora_labels.txt, 2708, 5278, 7, 2708",
    "PPI.ungraph, PPI.cmty, 3890, 37845, 50, 6640",
    "wikipedia.ungraph, wikipedia.cmty, 4777, 92295, 40, 6770",
  })
  void graphsHaveTheirNodesEdgesAndClasses(
      String edges, String labels, int nodes, int size, int classes, long all) throws IOException {
    Path folder = Path.of(DATA).resolve("graphs");
    assumeTrue(
        !DATA.isEmpty() && Files.isDirectory(folder),
        "data/graphs is not here: name its folder by -Dlowrank.data=DIR");
    Network network = EdgeListFile.read(folder.resolve(edges), false, line -> {});
    assertThat(network.nodes()).isEqualTo(nodes);
    assertThat(network.size()).isEqualTo(size);
    assertThat(network.weights()).isEmpty();
    assertThat(EdgeListFile.headed(network)).isFalse();
    Path file = folder.resolve(labels);
    NodeLabels known = NodeLabels.read(file, NodeLabels.Layout.of(file), network);
    assertThat(known.classes()).hasSize(classes);
    assertThat(known.unknown()).isZero();
    assertThat(Stream.of(known.labels()).mapToLong(own -> own.length).sum()).isEqualTo(all);
  }
}
