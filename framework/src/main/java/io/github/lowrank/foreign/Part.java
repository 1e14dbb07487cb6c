package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.GraphScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A matrix of a model, all of a table or the rows that one of its partitions has, and everything
 * that uses it, followed through identities, reads, loops and calls of functions.
 */
final class Part {
  /** What holds the matrix. */
  enum Kind {
    /** A resource variable. */
    RESOURCE,
    /** A variable of TensorFlow 1. */
    REFERENCE,
    /** A constant. */
    CONSTANT
  }

  /**
   * An op that looks up rows, or sums of rows.
   *
   * @param scope graph or function
   * @param node the op
   * @param resource whether it takes the variable, not its value
   * @param source the value of the table before it was cast; null if that was elsewhere
   * @param sparse whether the rows are summed
   */
  record Lookup(GraphScope scope, String node, boolean resource, String source, boolean sparse) {}

  /**
   * A use of the whole matrix: input {@code input} of a node, or what a function returns as {@code
   * output}.
   */
  record Use(GraphScope scope, String node, int input, String output, DataType type) {}

  /** Some op of a graph or function. */
  record Place(GraphScope scope, String node, int input) {}

  /** An argument of a function that is the matrix or its variable. */
  record Argument(String function, int index, boolean resource) {}

  final String name;
  final Kind kind;
  final String scope;
  final int rows;
  final int columns;

  /** The shape that the graph notes, which may be open. */
  final TensorShapeProto declared;

  final DataType type;

  /** The nodes that hold it: a variable and the copies that are saved with it. */
  final Set<String> holders = new LinkedHashSet<>();

  /** Its keys in the checkpoint. */
  final Set<String> keys = new LinkedHashSet<>();

  /** Of a part of a partitioned variable: shape and place, as the checkpoint writes them. */
  String slice = "";

  /** Its nodes of the object graph. */
  final List<Integer> objects = new ArrayList<>();

  final List<Lookup> lookups = new ArrayList<>();

  /** Lookups into something that is computed from the whole matrix. */
  final Set<Place> derived = new LinkedHashSet<>();

  final List<Use> whole = new ArrayList<>();
  final List<Place> shapes = new ArrayList<>();
  final List<Place> firstValues = new ArrayList<>();
  final List<Place> loops = new ArrayList<>();
  final List<Place> carriers = new ArrayList<>();
  final Map<Argument, Boolean> arguments = new LinkedHashMap<>();
  final Set<String> obstacles = new LinkedHashSet<>();

  Part(
      String name,
      Kind kind,
      String scope,
      int rows,
      int columns,
      TensorShapeProto declared,
      DataType type) {
    this.name = name;
    this.kind = kind;
    this.scope = scope;
    this.rows = rows;
    this.columns = columns;
    this.declared = declared;
    this.type = type;
  }

  /** First row of a part in its partitioned variable. */
  int firstRow() {
    return slice.isEmpty() ? 0 : Integer.parseInt(extents()[0].split(",")[0]);
  }

  private String[] extents() {
    return slice.substring(slice.lastIndexOf(' ') + 1).split(":");
  }

  /** The shape and place of this part in a variable of {@code width} columns. */
  String slice(int width) {
    String[] shape = slice.split(" ");
    String columns = extents()[1].equals("-") ? "-" : "0," + width;
    return "%s %d %s:%s".formatted(shape[0], width, extents()[0], columns);
  }
}
