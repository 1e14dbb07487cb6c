package io.github.lowrank.export;

import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxGraph.Type;
import io.github.lowrank.text.Tokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * From texts to row numbers in ONNX.
 *
 * <p>ONNX cannot replace by regular expressions, and its lower case depends on the locales of the
 * machine, but for ASCII. So upper-case letters beyond ASCII, and typographic apostrophes, stay in
 * the words, and the vocabulary has every spelling ({@link Spellings}). A second tokenizer splits
 * contractions, for only at the end of a string can its expressions tell the end of a word.
 */
final class OnnxText {
  private static final List<String> SUFFIXES =
      List.of("n't", "'s", "'m", "'d", "'ll", "'re", "'ve");

  private static final String APOSTROPHE = "['\u2019]";

  private static final String WORD = "[\\p{L}\\p{M}\\p{N}'\u2019]+";

  private static final String SUFFIX =
      SUFFIXES.stream()
          .map(suffix -> suffix.replace("'", APOSTROPHE) + "$")
          .collect(Collectors.joining("|"));

  /** Bytes that separate words for the tokenizer BLANKS, and NUL, which it takes for a space. */
  private static final String NO_BLANKS = "[^\\x00\\t-\\r ]+";

  /**
   * A text with both parts of a contraction. It ends every batch and is dropped afterwards: where
   * no text has any, the tokenizer would leave a dimension out.
   */
  private static final String LAST = "a's";

  private static final int UNKNOWN = -1;

  private final OnnxGraph graph;
  private final Map<String, Integer> ids;
  private final int maxLength;

  /**
   * Writes into {@code graph}.
   *
   * @param ids words and their row numbers
   * @param maxLength number of words read of a text
   */
  OnnxText(OnnxGraph graph, Map<String, Integer> ids, int maxLength) {
    this.graph = graph;
    this.ids = ids;
    this.maxLength = maxLength;
  }

  /**
   * Row numbers of the words of {@code texts}: 0 for padding, -1 for unknown words.
   *
   * @param inOrder whether words have to follow each other without padding between them
   */
  String rows(String texts, Tokenizer tokenizer, boolean inOrder) {
    String all = graph.op("Concat", texts, graph.strings(List.of(LAST))).with("axis", 0).value();
    String lower =
        graph
            .op("StringNormalizer", all)
            .with("case_change_action", "LOWER")
            .with("is_case_sensitive", 1)
            .with("locale", "C")
            .value();
    return switch (tokenizer) {
      case BLANKS -> {
        String words = tokens(lower, "tokenexp", NO_BLANKS);
        String rows = lookup(words, Spellings.of(ids, false));
        yield slice(rows, new long[] {0, 0}, new long[] {-1, maxLength}, 0, 1);
      }
      case WORDS -> {
        String words = tokens(lower, "tokenexp", WORD);
        Map<String, Integer> known = new LinkedHashMap<>();
        SUFFIXES.forEach(suffix -> known.put(suffix, ids.getOrDefault(suffix, UNKNOWN)));
        String stems = lookup(tokens(words, "separators", SUFFIX), Spellings.of(ids, true));
        String suffixes = lookup(tokens(words, "tokenexp", SUFFIX), Spellings.of(known, true));
        String pairs = graph.op("Concat", stems, suffixes).with("axis", 2).value();
        String rows = graph.op("Flatten", pairs).with("axis", 1).value();
        rows = slice(rows, new long[] {0}, new long[] {-1}, 0);
        yield inOrder ? compacted(rows) : shortened(rows);
      }
    };
  }

  private String tokens(String strings, String kind, String expression) {
    OnnxGraph.Node node =
        graph
            .runtimeOp("Tokenizer", strings)
            .with("mark", 0)
            .with("mincharnum", 1)
            .with("pad_value", "");
    node =
        kind.equals("tokenexp")
            ? node.with(kind, expression)
            : node.with(kind, List.of(expression));
    return graph.typed(node.value(), Type.STRING);
  }

  private String lookup(String words, Map<String, Integer> spellings) {
    return graph
        .learningOp("LabelEncoder", words)
        .with("keys_strings", spellings.keySet())
        .with("values_int64s", spellings.values().stream().mapToLong(i -> i).toArray())
        .with("default_int64", UNKNOWN)
        .value();
  }

  private String slice(String x, long[] starts, long[] ends, long... axes) {
    return graph.op("Slice", x, graph.longs(starts), graph.longs(ends), graph.longs(axes)).value();
  }

  /** The number of each word in its text, from 1. */
  private String places(String present) {
    return graph.op("CumSum", present, graph.integer(1)).value();
  }

  private String present(String rows) {
    return graph.cast(graph.cast(rows, Type.BOOL), Type.INT64);
  }

  /** Zeros for all words after the last that is read. */
  private String shortened(String rows) {
    String late = graph.op("Greater", places(present(rows)), graph.integer(maxLength)).value();
    return graph.op("Where", late, graph.integer(0), rows).value();
  }

  /** The words without gaps: all others go to one more column, which is dropped. */
  private String compacted(String rows) {
    String present = present(rows);
    String places = places(present);
    String read =
        graph
            .op(
                "And",
                graph.cast(present, Type.BOOL),
                graph.op("LessOrEqual", places, graph.integer(maxLength)).value())
            .value();
    String shape = graph.op("Shape", rows).value();
    String last = graph.op("Gather", shape, graph.integer(1)).value();
    String to =
        graph.op("Where", read, graph.op("Sub", places, graph.integer(1)).value(), last).value();
    String empty =
        graph
            .op("Expand", graph.integer(0), graph.op("Add", shape, graph.longs(0, 1)).value())
            .value();
    String moved = graph.op("ScatterElements", empty, to, rows).with("axis", 1).value();
    String most = graph.op("ReduceMax", places).with("keepdims", 0).value();
    String length =
        graph
            .op("Min", graph.op("Max", most, graph.integer(1)).value(), graph.integer(maxLength))
            .value();
    return graph
        .op("Slice", moved, graph.longs(0), graph.unsqueeze(length, 0), graph.longs(1))
        .value();
  }
}
