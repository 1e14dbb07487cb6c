package io.github.lowrank.export;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxGraph.Type;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.onnx.OnnxWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A SavedModel of {@link SavedModelWriter} as one file in ONNX, of operators that every build of
 * ONNX Runtime brings. {@code docs/serving.md} says where answers differ from the SavedModel's.
 */
public final class OnnxFile {
  /** Name of the entry of the metadata that holds the labels, a JSON array. */
  public static final String LABELS = SavedModelWriter.LABELS;

  /** What callers feed. */
  public enum Input {
    /** Texts, string {@code [batch]}: {@link SavedModelWriter#TEXT}. */
    TEXT {
      @Override
      String rows(OnnxGraph graph, ClassifierDescription model, Map<String, Integer> ids) {
        graph.input(SavedModelWriter.TEXT, Type.STRING, BATCH);
        return new OnnxText(graph, ids, model.maxLength())
            .rows(SavedModelWriter.TEXT, model.tokenizer(), !model.encoder().pools());
      }
    },
    /**
     * Row numbers of words, int64 {@code [batch, length]}, 0 for padding and unknown words: {@link
     * SavedModelWriter#ROWS}.
     */
    ROWS {
      @Override
      String rows(OnnxGraph graph, ClassifierDescription model, Map<String, Integer> ids) {
        graph.input(SavedModelWriter.ROWS, Type.INT64, BATCH, "length");
        return SavedModelWriter.ROWS;
      }
    };

    abstract String rows(OnnxGraph graph, ClassifierDescription model, Map<String, Integer> ids);
  }

  private static final String BATCH = "batch";

  private OnnxFile() {}

  /**
   * Writes {@code savedModel} to the file {@code out}, which appears only when complete and after
   * ONNX Runtime has answered some texts as the model does.
   *
   * @param trusted whether the model may run whatever ops it has
   * @throws IOException if it is not a SavedModel that describes its classifier, or has no such
   *     form
   */
  public static void write(Path savedModel, Path out, Input input, boolean trusted)
      throws IOException {
    try (TextClassifier classifier = TextClassifier.load(savedModel, trusted)) {
      ClassifierDescription model = ClassifierDescription.read(savedModel, trusted);
      List<String> words = CompactFile.words(savedModel);
      byte[] bytes = bytes(savedModel, model, classifier.labels(), words, input);
      byte[] texts =
          input == Input.TEXT
              ? bytes
              : bytes(savedModel, model, classifier.labels(), words, Input.TEXT);
      try (OnnxClassifier written = OnnxClassifier.of(texts, out.toString())) {
        CompactFile.compare(
            savedModel,
            classifier,
            words.stream().filter(OnnxClassifier::passesOn).toList(),
            text -> written.predict(List.of(text)).get(0).probabilities());
      }
      AtomicFiles.write(out, bytes);
    }
  }

  private static byte[] bytes(
      Path savedModel,
      ClassifierDescription model,
      List<String> labels,
      List<String> words,
      Input input)
      throws IOException {
    try {
      return bytes(model, labels, words, input);
    } catch (RuntimeException e) {
      throw new IOException("%s has no form in ONNX: %s".formatted(savedModel, e.getMessage()), e);
    }
  }

  private static byte[] bytes(
      ClassifierDescription model, List<String> labels, List<String> words, Input input) {
    if (model.ngrams() > 1) {
      throw new UnsupportedOperationException("it reads pairs of words; train it with --ngrams 1");
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int row = 1; row < words.size(); row++) {
      ids.put(words.get(row), row);
    }
    OnnxGraph graph = new OnnxGraph();
    String rows = input.rows(graph, model, ids);
    String known = graph.cast(graph.op("Greater", rows, graph.integer(0)).value(), Type.FLOAT);
    String found = graph.op("ReduceSum", known, graph.longs(1)).with("keepdims", 1).value();
    String count = graph.op("Max", found, graph.number(1)).value();

    EmbeddingTable table = model.table().packed();
    Map<String, Weight> weights = new HashMap<>(model.weights());
    Optional<Weight> first = model.encoder().inputWeight().map(weights::get);
    OnnxTable written = table.onnx(graph);
    String vectors =
        model
            .encoder()
            .onnx(
                graph,
                first.map(weight -> written.times(weight.toMatrix())).orElse(written),
                weights,
                new OnnxWords(rows, known, count));
    float[] prior = new float[labels.size()];
    for (int i = 0; i < prior.length; i++) {
      prior[i] = model.prior().get(i).floatValue();
    }
    String probabilities =
        graph
            .op(
                "Where",
                graph.cast(found, Type.BOOL),
                model.head().onnx(graph, vectors, weights),
                model.head().onnxPrior(graph, prior))
            .as(SavedModelWriter.PROBABILITIES);
    String best = graph.op("ArgMax", probabilities).with("axis", 1).with("keepdims", 0).value();
    boolean data = model.head().space().isPresent(); // then classes come and go
    String names =
        data
            ? graph.parameter(SavedModelWriter.LABELS, labels, Prototypes.CLASSES)
            : graph.strings(labels);
    graph.op("Gather", names, best).as(SavedModelWriter.LABEL);
    graph.output(SavedModelWriter.LABEL, Type.STRING, BATCH);
    String classes = data ? Prototypes.CLASSES : Integer.toString(labels.size());
    graph.output(SavedModelWriter.PROBABILITIES, Type.FLOAT, BATCH, classes);
    if (data) {
      String any = graph.squeeze(graph.cast(found, Type.BOOL), 1);
      graph
          .op("Where", any, Prototypes.NEAREST, graph.number(SavedModelWriter.UNKNOWN))
          .as(Prototypes.DISTANCE);
      graph.output(Prototypes.DISTANCE, Type.FLOAT, BATCH);
    }
    Map<String, String> metadata = new HashMap<>(Map.of(LABELS, Json.canonical(labels)));
    model
        .head()
        .threshold()
        .ifPresent(t -> metadata.put(SavedModelWriter.THRESHOLD, Float.toString((float) t)));
    model
        .head()
        .reach()
        .ifPresent(d -> metadata.put(SavedModelWriter.FARTHEST, Float.toString((float) d)));
    return graph.model(metadata);
  }
}
