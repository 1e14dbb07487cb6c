package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.GraphScope;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * How often texts look up each row of a table, found without a gradient and without following loops
 * and branches: row numbers that those of TensorFlow 1 take from a tensor outside are counted
 * there.
 */
final class WordCounts {
  private static final int BATCH = 32;
  private static final Set<String> INSIDE =
      Set.of(
          "Enter",
          "RefEnter",
          "Switch",
          "RefSwitch",
          "NextIteration",
          "RefNextIteration",
          "LoopCond");

  private WordCounts() {}

  /** One number for each row; empty if the row numbers of some lookup cannot be seen. */
  static double[] of(
      SavedModelBundle bundle, ModelGraph model, EmbeddingSite site, List<String> texts)
      throws IOException {
    double[] counts = new double[site.rows()];
    SignatureDef signature = Distillation.signature(model.meta);
    TensorInfo input = signature.getInputsMap().values().iterator().next();
    boolean column = input.getTensorShape().getDimCount() == 2;
    int start = 0;
    for (Part part : site.parts()) {
      Set<String> numbers = new LinkedHashSet<>();
      for (Part.Lookup lookup : part.lookups) {
        Set<String> found = rowNumbers(bundle, model, lookup);
        if (found.isEmpty()) {
          return new double[0];
        }
        numbers.addAll(found);
      }
      for (int i = 0; !numbers.isEmpty() && i < texts.size(); i += BATCH) {
        String[] some = texts.subList(i, Math.min(texts.size(), i + BATCH)).toArray(new String[0]);
        try (TString text = ModelComparison.strings(some, column)) {
          Session.Runner runner = bundle.session().runner().feed(input.getName(), text);
          numbers.forEach(runner::fetch);
          try (Result result = runner.run()) {
            for (int n = 0; n < result.size(); n++) {
              count(result.get(n), counts, start, part.rows);
            }
          }
        } catch (TensorFlowException | IllegalArgumentException | IllegalStateException e) {
          return new double[0];
        }
      }
      start += part.rows;
    }
    for (double count : counts) {
      if (count > 0) {
        return counts;
      }
    }
    return new double[0];
  }

  private static void count(Tensor numbers, double[] counts, int start, int rows) {
    if (numbers instanceof TInt64 longs) {
      longs.scalars().forEach(n -> count(n.getLong(), counts, start, rows));
    } else {
      ((TInt32) numbers).scalars().forEach(n -> count(n.getInt(), counts, start, rows));
    }
  }

  private static void count(long row, double[] counts, int start, int rows) {
    if (row >= 0 && row < rows) {
      counts[start + (int) row]++;
    }
  }

  /** The row numbers of a lookup, or what a loop takes them from. */
  private static Set<String> rowNumbers(
      SavedModelBundle bundle, ModelGraph model, Part.Lookup lookup) {
    Set<String> found = new LinkedHashSet<>();
    GraphScope scope = lookup.scope();
    NodeDef node = scope.node(lookup.node());
    if (!scope.isGraph()) {
      return found;
    }
    Set<String> fed = placeholders(scope);
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(scope.canonical(node.getInput(1))));
    while (!open.isEmpty()) {
      String value = open.pop();
      NodeDef made = scope.producer(value);
      if (made == null || !seen.add(value)) {
        continue;
      }
      if (always(scope, made.getName())
          && numbers(bundle, value)
          && fromInputs(scope, made.getName(), fed)) {
        found.add(value);
        continue;
      }
      for (String input : made.getInputList()) {
        if (!input.startsWith("^")) {
          open.add(scope.canonical(input));
        }
      }
    }
    return found;
  }

  /**
   * Whether {@code node} has a value in every run, outside of loops and branches of TensorFlow 1.
   */
  private static boolean always(GraphScope scope, String node) {
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(node));
    while (!open.isEmpty()) {
      NodeDef at = scope.node(open.pop().replaceFirst("^\\^", "").replaceFirst(":.*", ""));
      if (at == null
          || !seen.add(at.getName())
          || at.getOp().endsWith("Exit")
          || at.getOp().endsWith("Merge") && !turns(scope, at)) {
        continue;
      }
      if (INSIDE.contains(at.getOp())) {
        return false;
      }
      at.getInputList().forEach(open::push);
    }
    return true;
  }

  private static boolean turns(GraphScope scope, NodeDef merge) {
    return merge.getInputList().stream()
        .map(input -> scope.producer(scope.canonical(input)))
        .anyMatch(made -> made != null && made.getOp().endsWith("NextIteration"));
  }

  private static Set<String> placeholders(GraphScope scope) {
    Set<String> names = new HashSet<>();
    for (NodeDef node : scope.nodes()) {
      if (node.getOp().startsWith("Placeholder")) {
        names.add(node.getName());
      }
    }
    return names;
  }

  private static boolean fromInputs(GraphScope scope, String node, Set<String> fed) {
    return scope.ancestors(List.of(node)).stream().anyMatch(fed::contains);
  }

  /** Whether {@code value} is integers, not one alone and not a shape. */
  private static boolean numbers(SavedModelBundle bundle, String value) {
    int colon = value.lastIndexOf(':');
    Operation op = bundle.graph().operation(value.substring(0, colon));
    if (op == null || Set.of("Shape", "Range", "Size", "Rank").contains(op.type())) {
      return false;
    }
    Output<?> output = op.output(Integer.parseInt(value.substring(colon + 1)));
    boolean integers = output.type() == TInt32.class || output.type() == TInt64.class;
    return integers && output.shape().numDimensions() != 0;
  }
}
