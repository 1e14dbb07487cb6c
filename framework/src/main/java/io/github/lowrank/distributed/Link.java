package io.github.lowrank.distributed;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;

/**
 * A node's side of one link: it says each of its messages once per connection, keeps what it hears
 * until its round comes, and survives broken connections. A connection begins with a greeting from
 * either side, then messages follow in both directions, all big-endian:
 *
 * <pre>
 * greeting  "LRGOSSIP", length of run: int32, run: UTF-8, node: int32, round: int64
 * message   round: int64, count: int32, count doubles
 * </pre>
 *
 * A state is saved before its message is sent, so neighbours are never more than one round apart,
 * and the last two messages are all that a node that comes back can miss.
 */
final class Link implements AutoCloseable {
  private static final byte[] MAGIC = "LRGOSSIP".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_RUN = 1 << 10;
  private static final int GREETING_MILLIS = 5_000;
  private static final int RETRY_MILLIS = 50;
  private static final int CHUNK = 1 << 13;

  /** What the other side says first. */
  record Greeting(String run, int node, long round) {}

  private final NodePlan plan;
  private final NodePlan.Neighbour neighbour;
  private final LongToIntFunction lengths;

  private final Object mouth = new Object();
  private Socket socket;
  private long round;
  private double[] message;
  private double[] previous;

  private final Object ear = new Object();
  private final Map<Long, double[]> heard = new HashMap<>();
  private IOException fatal;
  private String trouble = "it has not connected";
  private volatile boolean closed;

  /**
   * A link without a connection.
   *
   * @param lengths numbers in a message of a round
   */
  Link(NodePlan plan, NodePlan.Neighbour neighbour, LongToIntFunction lengths) {
    this.plan = plan;
    this.neighbour = neighbour;
    this.lengths = lengths;
  }

  int node() {
    return neighbour.node();
  }

  /** Connects, again and again, until the link is closed. */
  void connect() {
    while (!closed) {
      try (Socket out = new Socket()) {
        out.connect(new InetSocketAddress(neighbour.host(), neighbour.port()), GREETING_MILLIS);
        DataInputStream in = open(out);
        greet(out);
        Greeting theirs =
            greeting(in)
                .orElseThrow(() -> new IOException("what listens there is no node of Lowrank's"));
        if (!theirs.run().equals(plan.run()) || theirs.node() != neighbour.node()) {
          fail(
              "at that port listens node %d of the run '%s'"
                  .formatted(theirs.node(), theirs.run()));
          return;
        }
        serve(out, in, theirs.round());
      } catch (IOException e) {
        trouble(e);
      }
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  static DataInputStream open(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(GREETING_MILLIS);
    return new DataInputStream(new BufferedInputStream(socket.getInputStream(), CHUNK));
  }

  void greet(Socket to) throws IOException {
    long now;
    synchronized (mouth) {
      now = round;
    }
    greet(to, plan.run(), plan.node(), now);
  }

  static void greet(Socket to, String run, int node, long round) throws IOException {
    byte[] name = run.getBytes(StandardCharsets.UTF_8);
    ByteBuffer greeting = ByteBuffer.allocate(MAGIC.length + 16 + name.length);
    greeting.put(MAGIC).putInt(name.length).put(name).putInt(node).putLong(round);
    to.getOutputStream().write(greeting.array());
  }

  /** The greeting of the other side, unless it speaks something else. */
  static Optional<Greeting> greeting(DataInputStream in) throws IOException {
    if (!java.util.Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      return Optional.empty();
    }
    int length = in.readInt();
    if (length < 0 || length > LONGEST_RUN) {
      return Optional.empty();
    }
    String run = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return Optional.of(new Greeting(run, in.readInt(), in.readLong()));
  }

  /** Says what the neighbour has missed, then listens until the connection breaks. */
  void serve(Socket with, DataInputStream in, long theirRound) throws IOException {
    with.setSoTimeout(0);
    synchronized (mouth) {
      if (Math.abs(theirRound - round) > 1) {
        fail(
            "it is in round %,d and this node in round %,d: one of both folders is of another time"
                .formatted(theirRound, round));
        return;
      }
      drop();
      socket = with;
      if (theirRound < round) {
        send(round - 1, previous);
      }
      if (theirRound <= round) {
        send(round, message);
      }
    }
    while (true) {
      long its = in.readLong();
      int count = in.readInt();
      if (its < 0 || its > plan.rounds() || count != lengths.applyAsInt(its)) {
        fail(
            "expected messages of %,d numbers, found %,d in round %,d"
                .formatted(lengths.applyAsInt(Math.max(0, its)), count, its));
        return;
      }
      double[] numbers = new double[count];
      byte[] chunk = new byte[CHUNK];
      for (int i = 0; i < count; i += CHUNK / Double.BYTES) {
        int some = Math.min(CHUNK / Double.BYTES, count - i);
        in.readFully(chunk, 0, some * Double.BYTES);
        ByteBuffer.wrap(chunk).asDoubleBuffer().get(numbers, i, some);
      }
      synchronized (ear) {
        heard.put(its, numbers);
        ear.notifyAll();
      }
    }
  }

  /** Says the message of a round. The neighbour gets it now, or when it connects. */
  void say(long round, double[] message, double[] previous) {
    synchronized (mouth) {
      this.round = round;
      this.message = message;
      this.previous = previous;
      if (socket != null) {
        try {
          send(round, message);
        } catch (IOException e) {
          trouble(e);
          drop();
        }
      }
    }
  }

  private void send(long round, double[] numbers) throws IOException {
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    ByteBuffer bytes = ByteBuffer.allocate(12 + Math.multiplyExact(numbers.length, Double.BYTES));
    bytes.putLong(round).putInt(numbers.length);
    bytes.asDoubleBuffer().put(numbers);
    out.write(bytes.array());
    out.flush();
  }

  /**
   * The neighbour's message of a round, for which this waits.
   *
   * @throws IOException if the neighbour is silent for too long, or says what it should not
   */
  double[] hear(long round) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(plan.patienceMillis());
    synchronized (ear) {
      heard.keySet().removeIf(old -> old < round);
      while (!heard.containsKey(round)) {
        if (fatal != null) {
          throw fatal;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "node %d has not heard of its neighbour %s for %.0f s in round %,d: %s",
                  plan.node(),
                  name(),
                  plan.patienceMillis() / 1e3,
                  round,
                  trouble));
        }
        ear.wait(left);
      }
      return heard.get(round);
    }
  }

  private String name() {
    return "%d (%s:%d)".formatted(neighbour.node(), neighbour.host(), neighbour.port());
  }

  private void trouble(IOException e) {
    synchronized (ear) {
      trouble = e.getMessage() == null ? "the connection broke" : e.getMessage();
    }
  }

  private void fail(String why) {
    synchronized (ear) {
      fatal = new IOException("node %d, neighbour %s: %s".formatted(plan.node(), name(), why));
      ear.notifyAll();
    }
  }

  private void drop() {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        trouble(e);
      }
      socket = null;
    }
  }

  @Override
  public void close() {
    closed = true;
    synchronized (mouth) {
      drop();
    }
  }
}
