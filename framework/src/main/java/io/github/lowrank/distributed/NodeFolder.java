package io.github.lowrank.distributed;

import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.linalg.DoubleMatrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a node keeps on its disk. Matrices are files of little-endian doubles, row after row, as
 * numpy's {@code tofile} writes them; each file is replaced whole.
 *
 * <pre>
 * node.json      what the node is told ({@link NodePlan})
 * rows.f64       its rows of the table, [m, n]
 * state          its state after its last round, with a checksum
 * basis.f64      Q, [n, r], once it is done
 * factor.f64     E_j Q, [m, r], once it is done
 * result.json    number of rounds and of numbers sent, written last
 * </pre>
 *
 * @param path the folder
 */
public record NodeFolder(Path path) {
  private static final String PLAN = "node.json";
  private static final String ROWS = "rows.f64";
  private static final String STATE = "state";
  private static final String BASIS = "basis.f64";
  private static final String FACTOR = "factor.f64";
  private static final String RESULT = "result.json";

  /**
   * What a node's state file holds.
   *
   * @param run the run that it belongs to
   * @param previous what was sent in the round before: a neighbour may be a round behind
   * @param sent numbers sent to all neighbours before this round
   */
  record Saved(String run, long round, List<DoubleMatrix> state, double[] previous, long sent) {}

  /** The same in the file. */
  private record Stored(
      String run,
      long round,
      List<List<Integer>> shapes,
      byte[] state,
      byte[] previous,
      long sent) {}

  /**
   * What a node did.
   *
   * @param rounds number of rounds
   * @param numbersSent to all neighbours
   */
  public record Result(long rounds, long numbersSent) {}

  /** Writes what a node needs to begin. */
  public void create(NodePlan plan, DoubleMatrix rows) throws IOException {
    AtomicFiles.write(path.resolve(ROWS), bytes(rows.values()));
    AtomicFiles.write(path.resolve(PLAN), Json.pretty(plan));
  }

  /**
   * Gets a node ready to go on from its last round, in a run that was stopped. One that was done
   * has its last message for neighbours that were not.
   *
   * @param plan of the same run; addresses and patience may be others
   * @throws IOException if plan or rows are those of another run
   */
  public void reopen(NodePlan plan, DoubleMatrix rows) throws IOException {
    if (!Files.exists(path.resolve(PLAN)) || !plan.continues(plan())) {
      throw new IOException(
          path + ": expected a node of the same command, found that of another, or none");
    }
    if (!Arrays.equals(rows.values(), rows().values())) {
      throw new IOException(path + ": expected the same rows of the table, found others");
    }
    Files.deleteIfExists(path.resolve(RESULT));
    AtomicFiles.write(path.resolve(PLAN), Json.pretty(plan));
  }

  /** What the node was told. */
  public NodePlan plan() throws IOException {
    return Json.read(path.resolve(PLAN), NodePlan.class);
  }

  /** The node's rows. */
  public DoubleMatrix rows() throws IOException {
    return matrix(path.resolve(ROWS), plan().columns());
  }

  /** The basis that the node found. */
  public DoubleMatrix basis() throws IOException {
    return matrix(path.resolve(BASIS), plan().algorithm().rank());
  }

  /** The node's factor. */
  public DoubleMatrix factor() throws IOException {
    return matrix(path.resolve(FACTOR), plan().algorithm().rank());
  }

  private static DoubleMatrix matrix(Path file, int columns) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (columns < 1 || bytes.length % ((long) columns * Double.BYTES) != 0) {
      throw new IOException(
          "%s: expected rows of %d doubles, found %d bytes".formatted(file, columns, bytes.length));
    }
    double[] values = doubles(bytes);
    return new DoubleMatrix(values.length / columns, columns, values);
  }

  /** The state after the last round, if one was saved. */
  Optional<Saved> saved() throws IOException {
    Path file = path.resolve(STATE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Stored stored = ArrayFile.read(file).get(0, Stored.class);
    double[] all = doubles(stored.state);
    List<DoubleMatrix> state = new ArrayList<>();
    int at = 0;
    for (List<Integer> shape : stored.shapes) {
      double[] values = new double[shape.get(0) * shape.get(1)];
      System.arraycopy(all, at, values, 0, values.length);
      at += values.length;
      state.add(new DoubleMatrix(shape.get(0), shape.get(1), values));
    }
    return Optional.of(
        new Saved(stored.run, stored.round, state, doubles(stored.previous), stored.sent));
  }

  /** Rounds done so far, as saved. */
  public long round() throws IOException {
    Optional<Saved> saved = saved();
    return saved.isPresent() ? saved.get().round() : 0;
  }

  /** The state after the last round; of no matrices before the first. */
  public List<DoubleMatrix> state() throws IOException {
    return saved().map(Saved::state).orElse(List.of());
  }

  void save(Saved saved) throws IOException {
    ByteBuffer all =
        buffer(saved.state.stream().mapToInt(m -> m.values().length).sum() * Double.BYTES);
    saved.state.forEach(m -> put(all, m.values()));
    ArrayFile.write(
        path.resolve(STATE),
        new Stored(
            saved.run,
            saved.round,
            saved.state.stream().map(m -> List.of(m.rows(), m.columns())).toList(),
            all.array(),
            bytes(saved.previous),
            saved.sent));
  }

  /** Writes what a node has found, so that it counts as done. */
  public void finish(DoubleMatrix basis, DoubleMatrix factor, Result result) throws IOException {
    AtomicFiles.write(path.resolve(BASIS), bytes(basis.values()));
    AtomicFiles.write(path.resolve(FACTOR), bytes(factor.values()));
    AtomicFiles.write(path.resolve(RESULT), Json.pretty(result));
  }

  /** What the node did, if it is done. */
  public Optional<Result> result() throws IOException {
    Path file = path.resolve(RESULT);
    return Files.exists(file) ? Optional.of(Json.read(file, Result.class)) : Optional.empty();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(ByteBuffer buffer, double[] values) {
    for (double value : values) {
      buffer.putDouble(value);
    }
  }

  private static byte[] bytes(double[] values) {
    ByteBuffer buffer = buffer(Math.multiplyExact(values.length, Double.BYTES));
    put(buffer, values);
    return buffer.array();
  }

  private static double[] doubles(byte[] bytes) {
    double[] values = new double[bytes.length / Double.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
    return values;
  }
}
