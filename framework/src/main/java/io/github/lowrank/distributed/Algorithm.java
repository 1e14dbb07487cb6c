package io.github.lowrank.distributed;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;

/**
 * How the nodes of a network find the best basis of rank r for the table {@code E = [E_1; ...;
 * E_J]}, whose rows lie at the nodes: E_j {@code [m_j, n]}. Everything is a pure function of what a
 * node holds, so a node that was interrupted goes on with the same bits. In JSON it is an object
 * with a {@code type}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Algorithm {
  /** The rank r. */
  int rank();

  /**
   * The state of a node before the first round.
   *
   * @param rows the node's own rows, {@code [m, n]}
   */
  List<DoubleMatrix> start(DoubleMatrix rows, int node);

  /** What the nodes do in round {@code t}, from 0. */
  Round round(long t);

  /** The step of round {@code t}. */
  double rate(long t);

  /**
   * The basis that a node with this state would choose, with orthonormal columns, {@code [n, r]}.
   * Its factor of the table is then {@code E_j Q}.
   */
  DoubleMatrix basis(List<DoubleMatrix> state);
}
