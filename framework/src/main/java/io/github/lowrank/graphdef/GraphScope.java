package io.github.lowrank.graphdef;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * The nodes of a graph, or of one function of its library, which can be changed.
 *
 * <p>Values have the names by which consumers refer to them: {@code node:0} in a graph, {@code
 * node:output:0} or the name of an argument in a function.
 */
public final class GraphScope {
  private final String function;
  private final List<String> arguments;
  private final List<String> outputs;
  private final Map<String, NodeDef> nodes = new LinkedHashMap<>();
  private final Map<String, String> returns;

  private GraphScope(
      String function,
      List<String> arguments,
      List<String> outputs,
      List<NodeDef> nodes,
      Map<String, String> returns) {
    this.function = function;
    this.arguments = arguments;
    this.outputs = outputs;
    this.returns = new LinkedHashMap<>(returns);
    nodes.forEach(node -> this.nodes.put(node.getName(), node));
  }

  public static GraphScope of(GraphDef graph) {
    return new GraphScope("", List.of(), List.of(), graph.getNodeList(), Map.of());
  }

  public static GraphScope of(FunctionDef function) {
    return new GraphScope(
        function.getSignature().getName(),
        function.getSignature().getInputArgList().stream().map(OpDef.ArgDef::getName).toList(),
        function.getSignature().getOutputArgList().stream().map(OpDef.ArgDef::getName).toList(),
        function.getNodeDefList(),
        function.getRetMap());
  }

  /** Name of the function; empty for the graph. */
  public String function() {
    return function;
  }

  public boolean isGraph() {
    return function.isEmpty();
  }

  public List<NodeDef> nodes() {
    return new ArrayList<>(nodes.values());
  }

  public NodeDef node(String name) {
    return nodes.get(name);
  }

  /** The node that computes {@code value}, or null for an argument. */
  public NodeDef producer(String value) {
    return arguments.contains(value) ? null : nodes.get(value.replaceFirst(":.*", ""));
  }

  /** Adds a node, or replaces the one with its name. */
  public void put(NodeDef node) {
    nodes.put(node.getName(), node);
  }

  public void retain(Set<String> names) {
    nodes.keySet().retainAll(names);
  }

  /** A name that is not used yet. */
  public String fresh(String name) {
    String candidate = name;
    for (int i = 1; nodes.containsKey(candidate) || arguments.contains(candidate); i++) {
      candidate = name + "_" + i;
    }
    return candidate;
  }

  /** Output {@code index} of {@code node}, whose output argument is called {@code output}. */
  public String value(String node, String output, int index) {
    return isGraph() ? node + ":" + index : node + ":" + output + ":" + index;
  }

  /**
   * The name in this scope of the value that the node input {@code input} refers to; empty for a
   * control input.
   */
  public String canonical(String input) {
    if (input.startsWith("^")) {
      return "";
    }
    return isGraph() && !input.matches(".*:\\d+") ? input + ":0" : input;
  }

  /** A use of a value as input {@code index} of a node. */
  public record Use(NodeDef node, int index) {}

  public List<Use> uses(String value) {
    List<Use> uses = new ArrayList<>();
    for (NodeDef node : nodes.values()) {
      for (int i = 0; i < node.getInputCount(); i++) {
        if (canonical(node.getInput(i)).equals(value)) {
          uses.add(new Use(node, i));
        }
      }
    }
    return uses;
  }

  /** The uses of all outputs of {@code node}. */
  public List<Use> consumers(String node) {
    List<Use> uses = new ArrayList<>();
    for (NodeDef user : nodes.values()) {
      for (int i = 0; i < user.getInputCount(); i++) {
        NodeDef producer = producer(canonical(user.getInput(i)));
        if (producer != null && producer.getName().equals(node)) {
          uses.add(new Use(user, i));
        }
      }
    }
    return uses;
  }

  /** The arguments of the function, in order. */
  public List<String> arguments() {
    return arguments;
  }

  /** The outputs of the function, in order. */
  public List<String> outputs() {
    return outputs;
  }

  /** The value that the function returns as {@code output}. */
  public String returned(String output) {
    return returns.get(output);
  }

  /** Makes the function return {@code value} as {@code output}. */
  public void returning(String output, String value) {
    returns.put(output, value);
  }

  /** The values that the function returns, by the names of its outputs. */
  public Map<String, String> returns() {
    return returns;
  }

  /** Adds an op that needs {@code node}: whoever needs {@code node} keeps its name. */
  public String add(NodeDef.Builder node, String name) {
    String fresh = fresh(name);
    put(node.setName(fresh).build());
    return fresh;
  }

  /** The nodes whose outputs lead to {@code roots}, including the roots. */
  public Set<String> ancestors(Iterable<String> roots) {
    Set<String> found = new HashSet<>();
    java.util.ArrayDeque<String> open = new java.util.ArrayDeque<>();
    roots.forEach(open::push);
    while (!open.isEmpty()) {
      String name = open.pop().replaceFirst("^\\^", "").replaceFirst(":.*", "");
      NodeDef node = nodes.get(name);
      if (node != null && found.add(name)) {
        node.getInputList().forEach(open::push);
      }
    }
    return found;
  }
}
