package io.github.lowrank.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.linalg.DoubleMatrix;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class GossipNodeTest {
  private static final String HOST = "127.0.0.1";
  private static final Network NETWORK = Network.random(5, 0.5, new Random(4));
  private static final List<DoubleMatrix> ROWS = Tables.lowRank(5, 33, 12, 3, 0.01, 1);

  @TempDir Path folder;

  static List<Algorithm> algorithms() {
    DgdLocal local = DgdLocal.constant(3, 0.05, 0.1, 1);
    return List.of(new GramGossip(3), local, local.tracked().averagingAfter(20));
  }

  /** A node as a process. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      GossipNode.run(new NodeFolder(Path.of(args[0])), round -> {});
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> open = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      open.add(new ServerSocket(0, 1, InetAddress.getByName(HOST)));
      ports.add(open.get(i).getLocalPort());
    }
    for (ServerSocket socket : open) {
      socket.close();
    }
    return ports;
  }

  private List<NodeFolder> create(
      Network network, List<DoubleMatrix> rows, Algorithm algorithm, long rounds, int seconds)
      throws IOException {
    List<NodePlan> plans =
        NodePlan.of(
            "test",
            network,
            algorithm,
            rounds,
            rows.get(0).columns(),
            1,
            HOST,
            freePorts(network.nodes()),
            Duration.ofSeconds(seconds));
    List<NodeFolder> folders = new ArrayList<>();
    for (int j = 0; j < network.nodes(); j++) {
      folders.add(new NodeFolder(folder.resolve("node-" + j)));
      folders.get(j).create(plans.get(j), rows.get(j));
    }
    return folders;
  }

  private static List<NodeFolder.Result> run(List<NodeFolder> folders) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(folders.size());
    try {
      List<Future<NodeFolder.Result>> futures = new ArrayList<>();
      for (NodeFolder one : folders) {
        futures.add(threads.submit(() -> GossipNode.run(one, round -> {})));
      }
      List<NodeFolder.Result> results = new ArrayList<>();
      for (Future<NodeFolder.Result> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static void assertSameBits(
      List<NodeFolder> folders,
      Network network,
      List<DoubleMatrix> rows,
      Algorithm algorithm,
      long rounds)
      throws IOException {
    try (Simulation simulation = new NodeSimulation(network, algorithm, rows)) {
      simulation.run(rounds);
      for (int j = 0; j < folders.size(); j++) {
        List<DoubleMatrix> expected = simulation.states().get(j);
        assertThat(folders.get(j).round()).isEqualTo(rounds);
        assertThat(folders.get(j).state()).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(folders.get(j).state().get(i).values())
              .containsExactly(expected.get(i).values());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void nodesThatTalkOverSocketsHaveTheBitsOfTheSimulation(Algorithm algorithm) throws Exception {
    List<NodeFolder> folders = create(NETWORK, ROWS, algorithm, 30, 20);
    List<NodeFolder.Result> results = run(folders);
    assertSameBits(folders, NETWORK, ROWS, algorithm, 30);
    try (Simulation simulation = new NodeSimulation(NETWORK, algorithm, ROWS)) {
      simulation.run(30);
      assertThat(results.stream().mapToLong(NodeFolder.Result::numbersSent).sum())
          .isEqualTo(simulation.numbersSent());
      DoubleMatrix basis = algorithm.basis(simulation.states().get(2));
      assertThat(folders.get(2).factor().values())
          .containsExactly(ROWS.get(2).times(folders.get(2).basis()).values());
      assertThat(folders.get(2).basis().values())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(basis.values());
    }
  }

  private static Process process(NodeFolder node) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName(),
            node.path().toString())
        .inheritIO()
        .start();
  }

  /** Round by round one node after the other is killed, and comes back. */
  @Test
  void nodesThatAreKilledGoOnFromTheirLastRoundWithTheSameBits() throws Exception {
    Network ring = Network.ring(4);
    List<DoubleMatrix> rows = Tables.lowRank(4, 24, 12, 3, 0.01, 2);
    Algorithm algorithm = DgdLocal.constant(3, 0.05, 0.1, 1).tracked();
    long rounds = 200;
    List<NodeFolder> folders = create(ring, rows, algorithm, rounds, 30);
    List<Process> processes = new ArrayList<>();
    try {
      for (NodeFolder one : folders) {
        processes.add(process(one));
      }
      for (int victim : new int[] {1, 0, 3}) {
        long before = folders.get(victim).round();
        while (folders.get(victim).round() < before + 15) {
          Thread.sleep(5);
        }
        processes.get(victim).destroyForcibly().waitFor();
        assertThat(processes.get(victim).exitValue()).isEqualTo(128 + 9);
        assertThat(folders.get(victim).round()).isBetween(15L, rounds - 1);
        processes.set(victim, process(folders.get(victim)));
      }
      for (Process one : processes) {
        assertThat(one.waitFor()).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    assertSameBits(folders, ring, rows, algorithm, rounds);
  }

  @Test
  void aRunThatIsDoneIsNotRepeated() throws Exception {
    List<NodeFolder> folders = create(NETWORK, ROWS, new GramGossip(3), 3, 20);
    List<NodeFolder.Result> results = run(folders);
    assertThat(GossipNode.run(folders.get(0), round -> {})).isEqualTo(results.get(0));
  }

  @Test
  void aNeighbourThatIsMissingIsNamed() throws Exception {
    NodeFolder alone = create(NETWORK, ROWS, new GramGossip(3), 3, 1).get(4);
    NodePlan.Neighbour missing = alone.plan().neighbours().get(0);
    assertThatThrownBy(() -> GossipNode.run(alone, round -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "node 4 has not heard of its neighbour %d (127.0.0.1:%d) for 1 s in round 0"
                .formatted(missing.node(), missing.port()))
        .hasMessageContaining("refused");
    assertThat(alone.round()).isZero();
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    NodeFolder first = create(NETWORK, ROWS, new GramGossip(3), 3, 1).get(0);
    int port = first.plan().port();
    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName(HOST))) {
      assertThatThrownBy(() -> GossipNode.run(first, round -> {}))
          .hasMessageContaining("node 0 cannot listen at 127.0.0.1:" + port);
    }
  }

  /** What goes over the wire in a round is the copy U alone, n r numbers, and nothing follows. */
  @Test
  void aNeighbourHearsTheCopyAndNothingElse() throws Exception {
    Network pair = Network.ring(2);
    List<DoubleMatrix> rows = Tables.lowRank(2, 8, 6, 2, 0, 1);
    DgdLocal local = DgdLocal.constant(2, 0.05, 0.1, 1);
    NodeFolder first = create(pair, rows, local, 5, 2).get(0);
    try (Connection neighbour = new Connection(first)) {
      Link.greet(neighbour.socket, "test", 1, 0);
      assertThat(Link.greeting(neighbour.in)).contains(new Link.Greeting("test", 0, 0));
      assertThat(neighbour.in.readLong()).isZero();
      assertThat(neighbour.in.readInt()).isEqualTo(6 * 2);
      double[] copy = new double[12];
      for (int i = 0; i < 12; i++) {
        copy[i] = neighbour.in.readDouble();
      }
      assertThat(copy).containsExactly(local.start(rows.get(0), 0).get(0).values());
      neighbour.socket.setSoTimeout(200);
      assertThatThrownBy(neighbour.in::read).isInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  @Test
  void messagesOfAnotherSizeAreRefused() throws Exception {
    NodeFolder first =
        create(Network.ring(2), Tables.lowRank(2, 8, 6, 2, 0, 1), new GramGossip(2), 5, 20).get(0);
    try (Connection neighbour = new Connection(first)) {
      Link.greet(neighbour.socket, "test", 1, 0);
      DataOutputStream out = new DataOutputStream(neighbour.socket.getOutputStream());
      out.writeLong(0);
      out.writeInt(Integer.MAX_VALUE);
      out.flush();
      assertThatThrownBy(neighbour.node::get)
          .hasMessageContaining("expected messages of 21 numbers, found 2,147,483,647 in round 0");
    }
  }

  @Test
  void strangersAreIgnoredAndOtherRunsAreToldWhoThisIs() throws Exception {
    NodeFolder first =
        create(Network.ring(2), Tables.lowRank(2, 8, 6, 2, 0, 1), new GramGossip(2), 5, 2).get(0);
    try (Connection stranger = new Connection(first)) {
      stranger.socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes("US-ASCII"));
      assertThat(stranger.in.read()).isNegative();
      try (Socket other = new Socket(HOST, first.plan().port())) {
        Link.greet(other, "another run", 1, 0);
        DataInputStream in = Link.open(other);
        assertThat(Link.greeting(in)).contains(new Link.Greeting("test", 0, 0));
        assertThat(in.read()).isNegative();
      }
      assertThatThrownBy(stranger.node::get)
          .hasMessageContaining("has not heard of its neighbour 1");
    }
  }

  /** A connection of the test to a node that runs in another thread. */
  private static final class Connection implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<NodeFolder.Result> node;
    private final Socket socket;
    private final DataInputStream in;

    private Connection(NodeFolder folder) throws Exception {
      node = thread.submit(() -> GossipNode.run(folder, round -> {}));
      socket = connect(folder.plan().port());
      in = Link.open(socket);
    }

    private static Socket connect(int port) throws Exception {
      while (true) {
        try {
          return new Socket(HOST, port);
        } catch (IOException e) {
          Thread.sleep(10); // not there yet; the test's time limit ends this
        }
      }
    }

    @Override
    public void close() throws Exception {
      socket.close();
      thread.shutdownNow();
    }
  }
}
