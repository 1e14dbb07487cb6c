package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.distributed.NodeFolder;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.linalg.DoubleMatrix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class GossipCommandTest {
  @TempDir Path folder;
  private Path table;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    for (int w = 0; w < 90; w++) {
      text.append("word").append(w);
      for (int i = 0; i < 12; i++) {
        text.append(' ').append((float) (random.nextGaussian() / (i + 1)));
      }
      text.append('\n');
    }
    table = Files.writeString(folder.resolve("vectors.txt"), text);
    out = folder.resolve("out");
  }

  private Terminal.Outcome gossip(String... more) {
    String[] args = new String[more.length + 3];
    args[0] = "gossip";
    args[1] = "--out";
    args[2] = out.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return Terminal.run(List.of(), args);
  }

  private static String[] last(Path rounds) throws IOException {
    List<String> lines = Files.readAllLines(rounds);
    return lines.get(lines.size() - 1).split("\t", -1);
  }

  private static double last(Path rounds, int column) throws IOException {
    return Double.parseDouble(last(rounds)[column]);
  }

  @Test
  void gossipOfTheGramFindsTheTruncatedSvd() throws IOException {
    Terminal.Outcome outcome =
        gossip("--table", table.toString(), "--nodes", "6", "--rank", "3", "--rounds", "80");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("90 rows x 12 at 6 nodes, 6 links, rank 3");
    assertThat(last(out.resolve("rounds.tsv"), 1)).isEqualTo(80 * 12 * 12 * 13 / 2);
    assertThat(last(out.resolve("rounds.tsv"), 5)).isCloseTo(0, within(1e-13));
    // What the nodes have is no U and V, so there is no error of their own.
    assertThat(last(out.resolve("rounds.tsv"))[2]).isEmpty();
    assertThat(outcome.out()).contains("\t-\t").doesNotContain("NaN");
    NodeFolder node = new NodeFolder(out.resolve("node-2"));
    DoubleMatrix product = node.factor().times(node.basis().transposed());
    assertThat(product.rows()).isEqualTo(15);
    assertThat(product.plus(-1, node.rows()).squares()).isLessThan(0.4 * node.rows().squares());
  }

  @Test
  void trackingOnAScaledTableGivesFactorsOfTheTableItself() throws IOException {
    Terminal.Outcome outcome =
        gossip(
            "--table",
            table.toString(),
            "--nodes",
            "4",
            "--rank",
            "3",
            "--algorithm",
            "dgd-tracking",
            "--step",
            "0.1",
            "--rounds",
            "4000",
            "--average",
            "100");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    // The slowest error turns the third singular vector (.340 of the first) into the fourth (.250).
    // Its square, the excess, falls by the factor .992 a round: 6e-5 after 1,000 rounds, 2e-8 after
    // 2,000, 6.5e-5 x .992^2,900 = 5e-15 after the 3,900 before the copies are averaged, which is
    // below the rounding of 90 x 12 squares, 1e-14.
    assertThat(last(out.resolve("rounds.tsv"), 5)).isCloseTo(0, within(1e-12));
    NodeFolder node = new NodeFolder(out.resolve("node-0"));
    assertThat(node.factor().values()).containsExactly(node.rows().times(node.basis()).values());
  }

  /** As processes: the same as simulated, up to the order of sums. */
  @Test
  void processesFindWhatTheSimulationFinds() throws IOException {
    String[] demo = {
      "--demo", "--algorithm", "dgd", "--nodes", "3", "--rounds", "40", "--processes"
    };
    Terminal.Outcome outcome = gossip(demo);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    double error = last(out.resolve("rounds.tsv"), 2);
    out = folder.resolve("simulated");
    demo[demo.length - 1] = "--seed=1";
    assertThat(gossip(demo).code()).isZero();
    assertThat(last(out.resolve("rounds.tsv"), 2)).isCloseTo(error, within(1e-3 * error));
    NodeFolder simulated = new NodeFolder(out.resolve("node-1"));
    NodeFolder process = new NodeFolder(folder.resolve("out/node-1"));
    assertThat(process.basis().values())
        .usingComparatorWithPrecision(1e-9)
        .containsExactly(simulated.basis().values());
    assertThat(process.result()).isEqualTo(simulated.result());
    // A node that is done is not run again.
    Terminal.Outcome again =
        Terminal.run(List.of(), "gossip-node", folder.resolve("out/node-1").toString());
    assertThat(again.code()).isZero();
    assertThat(again.out()).contains("40 rounds, 40,000 numbers sent");
  }

  @Test
  void aRunThatIsStoppedGoesOnWithTheSameBits() throws IOException, InterruptedException {
    String[] demo = {
      "--demo", "--algorithm", "dgd", "--nodes", "3", "--rounds", "300", "--processes"
    };
    List<Terminal.Outcome> stopped = new ArrayList<>();
    Thread run = new Thread(() -> stopped.add(gossip(demo)));
    run.start();
    NodeFolder second = new NodeFolder(out.resolve("node-1"));
    while (second.round() < 3) {
      assertThat(run.isAlive()).isTrue();
      Thread.sleep(20);
    }
    run.interrupt();
    run.join();
    assertThat(stopped.get(0).code()).isEqualTo(1);
    assertThat(stopped.get(0).err()).contains("the same command with --resume goes on");
    assertThat(second.round()).isBetween(3L, 299L);

    Terminal.Outcome again = gossip(demo);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("--resume goes on with what it holds");
    Terminal.Outcome other = gossip(with(demo, "--resume", "--seed", "2"));
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("node-0: expected").doesNotContain("\tat ");

    Terminal.Outcome resumed = gossip(with(demo, "--resume"));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out()).doesNotContain("NaN");
    assertThat(last(out.resolve("rounds.tsv"))[0]).isEqualTo("300");
    Path first = out;
    out = folder.resolve("whole");
    assertThat(gossip(demo).code()).isZero();
    for (int j = 0; j < 3; j++) {
      NodeFolder whole = new NodeFolder(out.resolve("node-" + j));
      NodeFolder parts = new NodeFolder(first.resolve("node-" + j));
      assertThat(parts.basis().values()).containsExactly(whole.basis().values());
      assertThat(parts.result()).isEqualTo(whole.result());
    }
  }

  private static String[] with(String[] some, String... more) {
    return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--nodes 3; expected either --table or --demo",
        "--demo --nodes 1; --nodes: expected a number of at least 2, found 1",
        "--demo --nodes 300; --nodes: expected at most one node per row, 200, found 300",
        "--demo --rank 51; --rank: expected at most 50 for a table of 200 x 50, found 51",
        "--demo --step 0.1; --step and --average: expected --algorithm dgd or dgd-tracking",
        "--demo --algorithm dgd --step -1; --step: expected a number above 0, found -1.0",
        "--demo --algorithm sgd; expected gram, dgd or dgd-tracking, found 'sgd'",
        "--demo --port 7000; --port: expected --processes beside it",
        "--demo --resume; --resume: expected --processes beside it",
        "--demo --resume --processes; --resume: expected a run that was stopped in",
        "--demo --links 2; --links: expected a number in (0, 1], found 2.0",
        "--demo --network random --links 0.0001; expected a higher probability",
      })
  void mistakesAreNamed(String args, String message) {
    Terminal.Outcome outcome = gossip(args.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
    assertThat(out).doesNotExist();
  }

  @Test
  void divergenceIsNamedAndLeavesNothing() {
    Terminal.Outcome outcome =
        gossip("--demo", "--algorithm", "dgd", "--step", "1", "--rounds", "100");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("have grown without bound").contains("smaller --step");
    assertThat(out).doesNotExist();
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Terminal.Outcome outcome =
          gossip(
              "--demo",
              "--nodes",
              "2",
              "--processes",
              "--port",
              Integer.toString(other.getLocalPort()));
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err())
          .contains("but %d is in use".formatted(other.getLocalPort()))
          .doesNotContain("gossip-node");
      assertThat(out).doesNotExist();
    }
  }
}
