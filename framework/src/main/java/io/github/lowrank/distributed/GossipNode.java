package io.github.lowrank.distributed;

import io.github.lowrank.io.FolderLock;
import io.github.lowrank.linalg.DoubleMatrix;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongToIntFunction;

/**
 * A node as a process of its own. It talks to its neighbours alone, over TCP ({@link Link}), sends
 * nothing but its messages, and saves its state after every round, before it sends the next
 * message. If it is killed and started again, it goes on from its last round, and all nodes end
 * with the bits that they would have had. Connections are neither encrypted nor authenticated: it
 * is for loopback and trusted networks.
 */
public final class GossipNode implements AutoCloseable {
  private final NodeFolder folder;
  private final NodePlan plan;
  private final DoubleMatrix rows;
  private final FolderLock lock;
  private final Map<Integer, Link> links = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Node node;
  private ServerSocket server;
  private double[] previous = {};
  private long sent;

  private GossipNode(NodeFolder folder) throws IOException {
    if (!Files.isDirectory(folder.path())) {
      throw new IOException(folder.path() + ": expected the folder of a node, found none");
    }
    this.folder = folder;
    this.lock = FolderLock.take(folder.path().resolve(".lock"), folder.path());
    try {
      plan = folder.plan();
      rows = folder.rows();
      Optional<NodeFolder.Saved> saved = folder.saved();
      if (saved.isPresent() && !saved.get().run().equals(plan.run())) {
        throw new IOException(
            "%s: expected a state of the run '%s', found one of '%s'"
                .formatted(folder.path(), plan.run(), saved.get().run()));
      }
      DoubleMatrix scaled = rows.map(x -> x / plan.scale());
      node =
          saved.isPresent()
              ? new Node(
                  plan.algorithm(),
                  plan.node(),
                  plan.weights(),
                  scaled,
                  saved.get().state(),
                  saved.get().round())
              : new Node(plan.algorithm(), plan.node(), plan.weights(), scaled);
      saved.ifPresent(
          before -> {
            previous = before.previous();
            sent = before.sent();
          });
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Does all rounds that are left, and writes basis and factor.
   *
   * @param progress is told each round
   * @throws IOException if the port is taken, a neighbour is silent for too long, or the numbers
   *     are no longer finite; the state is saved, and a later run goes on from there
   */
  public static NodeFolder.Result run(NodeFolder folder, LongConsumer progress) throws IOException {
    Optional<NodeFolder.Result> done = folder.result();
    if (done.isPresent()) {
      return done.get();
    }
    try (GossipNode one = new GossipNode(folder)) {
      one.open();
      return one.rounds(progress);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void open() throws IOException {
    List<DoubleMatrix> shapes = node.state(); // the shapes never change
    LongToIntFunction lengths =
        t ->
            t >= plan.rounds()
                ? 0
                : plan.algorithm().round(t).message(shapes).stream()
                    .mapToInt(m -> m.values().length)
                    .sum();
    plan.neighbours().forEach(n -> links.put(n.node(), new Link(plan, n, lengths)));
    save();
    say();
    if (plan.neighbours().stream().anyMatch(n -> n.node() > plan.node())) {
      listen();
    }
    links.values().stream()
        .filter(link -> link.node() < plan.node())
        .forEach(link -> start("connect to " + link.node(), link::connect));
  }

  private void listen() throws IOException {
    server = new ServerSocket();
    server.setReuseAddress(true); // a node that comes back takes its port again
    try {
      server.bind(new InetSocketAddress(plan.host(), plan.port()));
    } catch (BindException e) {
      throw new IOException(
          "node %d cannot listen at %s:%d, for another process does or it is no address of this computer (%s)"
              .formatted(plan.node(), plan.host(), plan.port(), e.getMessage()),
          e);
    }
    start("accept", this::accept);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        start("listen", () -> welcome(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  /** Strangers and nodes of other runs are told who this is, and nothing else. */
  private void welcome(Socket socket) {
    try (socket) {
      DataInputStream in = Link.open(socket);
      Optional<Link.Greeting> theirs = Link.greeting(in);
      if (theirs.isEmpty()) {
        return;
      }
      Link link = links.get(theirs.get().node());
      if (link == null || !theirs.get().run().equals(plan.run())) {
        Link.greet(socket, plan.run(), plan.node(), 0);
        return;
      }
      link.greet(socket);
      link.serve(socket, in, theirs.get().round());
    } catch (IOException e) {
      // The neighbour connects again, or it is missed when its message is due.
      return;
    }
  }

  private void start(String what, Runnable task) {
    Thread thread = new Thread(task, "node " + plan.node() + ": " + what);
    thread.setDaemon(true);
    synchronized (threads) {
      threads.add(thread);
    }
    thread.start();
  }

  private void save() throws IOException {
    folder.save(new NodeFolder.Saved(plan.run(), node.round(), node.state(), previous, sent));
  }

  private double[] say() {
    double[] message = node.round() >= plan.rounds() ? new double[0] : node.message();
    links.values().forEach(link -> link.say(node.round(), message, previous));
    return message;
  }

  private NodeFolder.Result rounds(LongConsumer progress) throws IOException, InterruptedException {
    double[] message = node.round() >= plan.rounds() ? new double[0] : node.message();
    while (node.round() < plan.rounds()) {
      Map<Integer, double[]> messages = new TreeMap<>();
      messages.put(plan.node(), message);
      for (Link link : links.values()) {
        messages.put(link.node(), link.hear(node.round()));
      }
      node.step(messages);
      for (DoubleMatrix part : node.state()) {
        if (!Double.isFinite(part.squares())) {
          throw new IOException(
              "node %d: the numbers have grown without bound by round %,d: expected a smaller step"
                  .formatted(plan.node(), node.round()));
        }
      }
      sent += (long) message.length * links.size();
      previous = message;
      save();
      message = say();
      progress.accept(node.round());
    }
    // A neighbour that was killed may still need the last message.
    for (Link link : links.values()) {
      try {
        link.hear(plan.rounds());
      } catch (IOException e) {
        break; // it has gone, and this node has all that it needs
      }
    }
    DoubleMatrix basis = plan.algorithm().basis(node.state());
    NodeFolder.Result result = new NodeFolder.Result(node.round(), sent);
    folder.finish(basis, rows.times(basis), result);
    return result;
  }

  @Override
  public void close() throws IOException {
    links.values().forEach(Link::close);
    if (server != null) {
      server.close();
    }
    synchronized (threads) {
      threads.forEach(Thread::interrupt);
    }
    lock.close();
  }
}
