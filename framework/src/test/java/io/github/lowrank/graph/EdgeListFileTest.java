package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.text.MalformedFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeListFileTest {
  @TempDir private Path folder;

  private Network read(String content, boolean directed) throws IOException {
    return read(content.getBytes(StandardCharsets.UTF_8), directed);
  }

  private Network read(byte[] content, boolean directed) throws IOException {
    Path file = Files.write(folder.resolve("edges.txt"), content);
    return EdgeListFile.read(file, directed, lines -> {});
  }

  private static byte[] zipped(String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void readsTabsBlanksCommentsAndNames() throws IOException {
    Network network =
        read("\uFEFF# nodes\nann\tbob\n\n % more\r\nbob  carl \nann ann\nbob ann\n", false);
    assertThat(network.names()).containsExactly("ann", "bob", "carl");
    assertThat(network.size()).isEqualTo(2);
    assertThat(network.targets()).containsExactly(1, 0, 2, 1);
    assertThat(network.weights()).isEmpty();
    assertThat(network.connects(2, 1)).isTrue();
    assertThat(network.connects(2, 0)).isFalse();
  }

  @Test
  void directionCountsIfItIsAskedFor() throws IOException {
    Network network = read("a b\nb a\nb c\n", true);
    assertThat(network.size()).isEqualTo(3);
    assertThat(network.degree(2)).isZero();
    assertThat(network.reversed().targets()).containsExactly(1, 0, 1);
  }

  @Test
  void weightsOfOneEdgeAreAdded() throws IOException {
    Network network = read("a b 1\nb a 2.5\nc a 1e-2\n", false);
    assertThat(network.size()).isEqualTo(2);
    assertThat(network.weights()).containsExactly(3.5f, 0.01f, 3.5f, 0.01f);
  }

  @Test
  void readsGzip() throws IOException {
    assertThat(read(zipped("a b\nb c\n"), false).size()).isEqualTo(2);
    byte[] whole = zipped("a b\nb c\n".repeat(1000));
    assertThatThrownBy(() -> read(Arrays.copyOf(whole, whole.length / 2), false))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("expected a whole gzip file");
  }

  private void refused(String content, String... parts) {
    assertThatThrownBy(() -> read(content, false))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll(parts)
        .hasMessageContaining("edges.txt");
  }

  @Test
  void errorsNameLineExpectedAndFound() {
    refused("a b\nc\n", "line 2: expected two nodes, as on the lines before, found 'c'");
    refused("5\na b\n", "line 1: expected two nodes, or two nodes and a weight, found '5'");
    refused("a b 1\na c\n", "line 2: expected two nodes and a weight", "found 'a c'");
    refused("#\na b -1\n", "line 2: expected a weight above 0, from 1.2e-38 to 3.4e38, found '-1'");
    refused("a b NaN\n", "line 1: expected a weight above 0, from 1.2e-38 to 3.4e38, found 'NaN'");
    refused("a b x\n", "line 1: expected a weight above 0, from 1.2e-38 to 3.4e38, found 'x'");
    refused("a b 1 2\n", "line 1: expected two nodes");
    refused("", "expected edges between different nodes, found no line");
    refused("a a\n", "found loops only");
    refused("x".repeat(20_000) + "\n", "line 1: expected a line of at most 10000 characters");
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    assertThatThrownBy(() -> read(new byte[] {'a', ' ', (byte) 0xff, '\n'}, false))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("edges.txt, line 1: expected UTF-8");
    byte[] late = ("\u00e4 b\r\n".repeat(5000) + "a b\nx y\n").getBytes(StandardCharsets.UTF_8);
    late[late.length - 4] = (byte) 0xc3; // begins a letter that does not go on
    assertThatThrownBy(() -> read(late, false))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("edges.txt, line 5002: expected UTF-8");
  }

  @Test
  void namesOfColumnsAreNoticedAmongNumbers() throws IOException {
    assertThat(EdgeListFile.headed(read("source target\n1 2\n2 3\n", false))).isTrue();
    assertThat(EdgeListFile.headed(read("1 2\n2 3\nsource target\n", false))).isFalse();
    assertThat(EdgeListFile.headed(read("ann bob\nbob carl\n", false))).isFalse();
    assertThat(EdgeListFile.headed(read("ann bob\n1 2\ncarl 3\n", false))).isFalse();
    assertThat(EdgeListFile.headed(read("1 2\n-2 3\n", false))).isFalse();
  }

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    byte[] good = "a b 1\n# c\nb c 2\n\nc\td 0.5\n".getBytes(StandardCharsets.UTF_8);
    Random random = new Random(1);
    int read = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bad = good.clone();
      for (int k = 0; k <= random.nextInt(3); k++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        Network network = read(bad, random.nextBoolean());
        assertThat(network.size()).isBetween(1, 3);
        read++;
      } catch (MalformedFileException e) {
        assertThat(e).hasMessageContaining("expected").hasMessageNotContaining("\n");
      }
    }
    assertThat(read).isBetween(1, 2999);
  }

  @Test
  void labelsStandByNodesOrByClasses() throws IOException {
    Network network = read("a b\nb c\n", false);
    Path nodes = Files.writeString(folder.resolve("labels.txt"), "a x\nb y x\nz x\n");
    NodeLabels byNode = NodeLabels.read(nodes, NodeLabels.Layout.of(nodes), network);
    assertThat(byNode.classes()).containsExactly("x", "y");
    assertThat(byNode.labels()).isDeepEqualTo(new int[][] {{0}, {0, 1}, {}});
    assertThat(byNode.unknown()).isEqualTo(1);
    Path classes = Files.writeString(folder.resolve("labels.cmty"), "a\tb\nb c\n");
    NodeLabels byClass = NodeLabels.read(classes, NodeLabels.Layout.of(classes), network);
    assertThat(byClass.classes()).containsExactly("1", "2");
    assertThat(byClass.labels()).isDeepEqualTo(new int[][] {{0}, {0, 1}, {1}});
    Files.writeString(nodes, "a x\nb\n");
    assertThatThrownBy(() -> NodeLabels.read(nodes, NodeLabels.Layout.NODES, network))
        .hasMessageContaining("line 2: expected a node and its classes, found 'b'");
    Files.writeString(nodes, "q x\n");
    assertThatThrownBy(() -> NodeLabels.read(nodes, NodeLabels.Layout.NODES, network))
        .hasMessageContaining("found none of its nodes");
  }
}
