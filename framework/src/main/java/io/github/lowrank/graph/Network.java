package io.github.lowrank.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Nodes and the edges between them, in compressed rows. An edge of an undirected network stands in
 * the rows of both its nodes.
 *
 * @param names of the nodes
 * @param directed whether an edge leads from one node to the other
 * @param offsets where the row of each node begins, {@code [nodes + 1]}
 * @param targets the other ends, ascending in each row
 * @param weights of the edges, as {@code targets}; empty if all are 1
 */
public record Network(
    List<String> names, boolean directed, int[] offsets, int[] targets, float[] weights) {
  public Network {
    if (offsets.length != names.size() + 1
        || offsets[names.size()] != targets.length
        || weights.length != 0 && weights.length != targets.length) {
      throw new IllegalArgumentException(
          "%d nodes with %d offsets, %d targets, %d weights"
              .formatted(names.size(), offsets.length, targets.length, weights.length));
    }
  }

  /**
   * Edges as two columns of node numbers.
   *
   * @param from one end
   * @param to the other end
   * @param weights empty if all are 1
   */
  public record Edges(int[] from, int[] to, float[] weights) {
    /** Number of edges. */
    public int size() {
      return from.length;
    }

    /** Some of them. */
    public Edges at(int[] chosen) {
      int[] someFrom = new int[chosen.length];
      int[] someTo = new int[chosen.length];
      float[] someWeights = new float[weights.length == 0 ? 0 : chosen.length];
      for (int i = 0; i < chosen.length; i++) {
        someFrom[i] = from[chosen[i]];
        someTo[i] = to[chosen[i]];
        if (weights.length != 0) {
          someWeights[i] = weights[chosen[i]];
        }
      }
      return new Edges(someFrom, someTo, someWeights);
    }
  }

  /**
   * A network of edges. Loops are omitted. An edge that occurs again is one edge; its weights, if
   * there are any, are added.
   */
  public static Network of(List<String> names, boolean directed, Edges edges) {
    int n = names.size();
    boolean weighted = edges.weights.length != 0;
    long arcs = 0;
    int[] offsets = new int[n + 1];
    for (int e = 0; e < edges.size(); e++) {
      if (edges.from[e] != edges.to[e]) {
        offsets[edges.from[e] + 1]++;
        arcs++;
        if (!directed) {
          offsets[edges.to[e] + 1]++;
          arcs++;
        }
      }
    }
    if (arcs > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("expected at most 2^31 - 9 edges, found " + arcs);
    }
    for (int i = 0; i < n; i++) {
      offsets[i + 1] += offsets[i];
    }
    int[] next = Arrays.copyOf(offsets, n);
    int[] targets = new int[(int) arcs];
    float[] weights = new float[weighted ? (int) arcs : 0];
    for (int e = 0; e < edges.size(); e++) {
      int a = edges.from[e];
      int b = edges.to[e];
      if (a != b) {
        put(targets, weights, next[a]++, b, edges.weights, e);
        if (!directed) {
          put(targets, weights, next[b]++, a, edges.weights, e);
        }
      }
    }
    int kept = 0;
    for (int i = 0; i < n; i++) {
      int start = offsets[i];
      offsets[i] = kept;
      kept = merge(targets, weights, start, next[i], kept);
    }
    offsets[n] = kept;
    return new Network(
        names,
        directed,
        offsets,
        Arrays.copyOf(targets, kept),
        weighted ? Arrays.copyOf(weights, kept) : weights);
  }

  private static void put(
      int[] targets, float[] weights, int at, int target, float[] from, int edge) {
    targets[at] = target;
    if (weights.length != 0) {
      weights[at] = from[edge];
    }
  }

  /** Sorts the row {@code start .. end - 1}, adds up equal targets, and moves it to {@code to}. */
  private static int merge(int[] targets, float[] weights, int start, int end, int to) {
    if (weights.length == 0) {
      Arrays.sort(targets, start, end);
    } else {
      sort(targets, weights, start, end);
    }
    int kept = to;
    for (int i = start; i < end; i++) {
      if (kept > to && targets[kept - 1] == targets[i]) {
        if (weights.length != 0) {
          weights[kept - 1] += weights[i];
        }
        continue;
      }
      targets[kept] = targets[i];
      if (weights.length != 0) {
        weights[kept] = weights[i];
      }
      kept++;
    }
    return kept;
  }

  private static void sort(int[] targets, float[] weights, int start, int end) {
    long[] keys = new long[end - start];
    for (int i = start; i < end; i++) {
      keys[i - start] = (long) targets[i] << 32 | i;
    }
    Arrays.sort(keys);
    float[] sorted = new float[keys.length];
    for (int i = 0; i < keys.length; i++) {
      sorted[i] = weights[(int) keys[i]];
      targets[start + i] = (int) (keys[i] >> 32);
    }
    System.arraycopy(sorted, 0, weights, start, sorted.length);
  }

  /** Number of nodes. */
  public int nodes() {
    return names.size();
  }

  /** Number of edges; each counts once. */
  public int size() {
    return directed ? targets.length : targets.length / 2;
  }

  /** Number of edges that leave a node, or touch it if the network is undirected. */
  public int degree(int node) {
    return offsets[node + 1] - offsets[node];
  }

  /** The weight of {@code targets[arc]}. */
  public float weight(int arc) {
    return weights.length == 0 ? 1 : weights[arc];
  }

  /** Whether there is an edge from {@code from} to {@code to}. */
  public boolean connects(int from, int to) {
    return Arrays.binarySearch(targets, offsets[from], offsets[from + 1], to) >= 0;
  }

  /** All edges, each once. */
  public Edges edges() {
    int[] from = new int[size()];
    int[] to = new int[from.length];
    float[] some = new float[weights.length == 0 ? 0 : from.length];
    int count = 0;
    for (int i = 0; i < nodes(); i++) {
      for (int arc = offsets[i]; arc < offsets[i + 1]; arc++) {
        if (directed || i < targets[arc]) {
          from[count] = i;
          to[count] = targets[arc];
          if (some.length != 0) {
            some[count] = weights[arc];
          }
          count++;
        }
      }
    }
    return new Edges(from, to, some);
  }

  /** The same nodes with other edges. */
  public Network with(Edges edges) {
    return of(names, directed, edges);
  }

  /** Every edge the other way round; an undirected network is its own reverse. */
  public Network reversed() {
    if (!directed) {
      return this;
    }
    Edges edges = edges();
    return with(new Edges(edges.to, edges.from, edges.weights));
  }

  /** Some nodes and the edges between them; nodes get their places in {@code nodes} as numbers. */
  public Network induced(int[] nodes) {
    int[] places = new int[nodes()];
    Arrays.fill(places, -1);
    for (int i = 0; i < nodes.length; i++) {
      places[nodes[i]] = i;
    }
    Edges all = edges();
    int[] inside = new int[all.size()];
    int count = 0;
    for (int e = 0; e < all.size(); e++) {
      if (places[all.from[e]] >= 0 && places[all.to[e]] >= 0) {
        inside[count++] = e;
      }
    }
    Edges some = all.at(Arrays.copyOf(inside, count));
    for (int e = 0; e < count; e++) {
      some.from[e] = places[some.from[e]];
      some.to[e] = places[some.to[e]];
    }
    return of(Arrays.stream(nodes).mapToObj(names::get).toList(), directed, some);
  }
}
