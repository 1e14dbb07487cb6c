package io.github.lowrank.export;

import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.ClassifierGraph;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.model.Head;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Index;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.HashTable;
import org.tensorflow.op.core.InitializeTableFromTextFile;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.PlaceholderWithDefault;
import org.tensorflow.op.core.ReduceAny;
import org.tensorflow.op.strings.Join;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.op.train.Restore;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Writes a {@link TextModel} as a SavedModel that takes raw strings.
 *
 * <p>Signature {@code serving_default}: input {@code text}, strings {@code [batch]}; outputs {@code
 * probabilities}, floats {@code [batch, classes]}, {@code label}, the most likely label {@code
 * [batch]}, and {@code labels}, all label strings {@code [classes]}. Signature {@code encode}: the
 * same input; output {@code vector}, the encoder's vector {@code [batch, n]}. The graph holds only
 * core ops and the library functions it carries, no training ops and no optimizer slots. The
 * vocabulary is an asset with one word, or one pair of words with a blank between, per line.
 *
 * <p>The {@code W_b} of a low-rank table is folded into the next layer. TensorFlow Java's own
 * exporter writes neither assets nor a table initializer nor resource variables, so the protocol
 * buffer is written here.
 */
public final class SavedModelWriter {
  /** Name of the signature's input. */
  public static final String TEXT = "text";

  /**
   * Name of a node that can be fed instead of {@link #TEXT}: all texts in one string, one per line.
   * TensorFlow Java needs more time to create a tensor of many strings than a small model needs to
   * answer.
   */
  static final String LINES = "text_lines";

  /**
   * Name of the node of row numbers, int32 {@code [batch, length]}, 0 for padding and unknown words
   * and pairs. Callers who tokenize the texts themselves feed it instead of the signature's input.
   */
  public static final String ROWS = "row_numbers";

  /** Name of the output with the class probabilities. */
  public static final String PROBABILITIES = "probabilities";

  /** Name of the output with the most likely label. */
  public static final String LABEL = "label";

  /** Name of the output with all label strings. */
  public static final String LABELS = "labels";

  /**
   * Name of the output with the probability from which on a label is an answer, if a text may have
   * any number of labels.
   */
  public static final String THRESHOLD = "threshold";

  /** Name of the output with the squared distance beyond which a text has none of the labels. */
  public static final String FARTHEST = "farthest";

  /** Name of the output with the encoder's vector. */
  public static final String VECTOR = "vector";

  /** Name of the signature that classifies. */
  public static final String SIGNATURE = "serving_default";

  /** Name of the signature that returns only the encoder's vector. */
  public static final String ENCODE = "encode";

  /**
   * Name of the signature that classifies by given classes, of a model of prototypes: it also takes
   * {@link Prototypes#MEANS}, {@link Prototypes#COUNTS} and {@link #LABELS}.
   */
  public static final String CLASSIFY_WITH = "classify_with";

  /** File name of the vocabulary below {@code assets}. */
  public static final String VOCABULARY = "vocabulary.txt";

  /** Squared distance of a text without a known word. */
  static final float UNKNOWN = 1e9f;

  private SavedModelWriter() {}

  /** Writes {@code model} to folder {@code directory}, which appears only when complete. */
  public static void write(TextModel model, Path directory) throws IOException {
    write(model, directory, part -> {});
  }

  /**
   * Writes {@code model} to folder {@code directory}, which appears only when complete.
   *
   * @param more is given the unfinished folder, to add files to it
   */
  public static void write(TextModel model, Path directory, AtomicFiles.Writer more)
      throws IOException {
    AtomicFiles.folder(
        directory,
        part -> {
          writeTo(model, part);
          more.write(part);
        });
  }

  private static void writeTo(TextModel model, Path temporary) throws IOException {
    Files.createDirectories(temporary.resolve("assets"));
    Files.createDirectories(temporary.resolve("variables"));
    Path vocabulary = temporary.resolve("assets").resolve(VOCABULARY);
    List<String> lines = new ArrayList<>(model.vocabulary().words());
    lines.set(0, " "); // TensorFlow rejects an empty line, and no word is a space
    Files.write(vocabulary, lines, StandardCharsets.UTF_8);

    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Classifier folded = model.classifier().folded();
      ClassifierGraph classifier = ClassifierGraph.create(tf, variables, folded);

      Placeholder<TString> oneString =
          tf.withName(LINES).placeholder(TString.class, Placeholder.shape(Shape.of(1)));
      PlaceholderWithDefault<TString> text =
          tf.withName(TEXT)
              .placeholderWithDefault(
                  tf.strings.stringSplit(oneString, tf.constant("\n")).values(), Shape.of(-1));
      Operand<TString> path =
          tf.withName(ServingGraph.VOCABULARY_PATH).constant(vocabulary.toString());
      tf.withName(ServingGraph.VOCABULARY_SHA256).constant(AtomicFiles.checksum(vocabulary));
      HashTable table =
          tf.hashTable(TString.class, TInt64.class, HashTable.sharedName("vocabulary"));
      Op initializeTable =
          tf.withName("initialize_vocabulary")
              .initializeTableFromTextFile(
                  table,
                  path,
                  -2L,
                  -1L,
                  InitializeTableFromTextFile.vocabSize((long) lines.size()));
      Operand<TInt32> ids = ids(tf, model, text, table);

      Operand<TFloat32> vectors =
          tf.withName(VECTOR).identity(classifier.vectors(tf, ids, Dropout.NONE));
      Operand<TFloat32> scores = classifier.scores(tf, vectors);
      Operand<TFloat32> probabilities = probabilities(tf, model, ids, scores);
      Operand<TString> labels = tf.withName(LABELS).array(model.labels().toArray(new String[0]));
      Operand<TString> label =
          tf.withName(LABEL)
              .gather(labels, tf.math.argMax(probabilities, tf.constant(1)), tf.constant(0));
      OptionalDouble threshold = folded.head().threshold();
      Optional<Operand<TFloat32>> from =
          threshold.isPresent()
              ? Optional.of(tf.withName(THRESHOLD).constant((float) threshold.getAsDouble()))
              : Optional.empty();
      Head head = folded.head();
      Optional<Operand<TFloat32>> distance =
          head.space().isPresent()
              ? Optional.of(distance(tf, ids, head.nearest(tf, scores)))
              : Optional.empty();
      Optional<Operand<TFloat32>> farthest =
          head.reach().isPresent()
              ? Optional.of(tf.withName(FARTHEST).constant((float) head.reach().getAsDouble()))
              : Optional.empty();
      Optional<SignatureDef> given =
          head.space().isPresent()
              ? Optional.of(given(tf, folded, text, ids, vectors))
              : Optional.empty();
      SaverDef saver = addSaver(tf, variables);

      try (Session session = Sessions.open(graph);
          Variables.Assignment values = variables.assignment(session)) {
        classifier.initialize(values);
        ClassifierDescription.of(model, folded)
            .json(values)
            .ifPresent(json -> tf.withName(ClassifierDescription.NODE).constant(json));
        values.run();
        try (TString prefix =
            TString.scalarOf(temporary.resolve("variables").resolve("variables").toString())) {
          session
              .runner()
              .feed(saver.getFilenameTensorName().replace(":0", ""), prefix)
              .addTarget("save/control_dependency")
              .run()
              .close();
        }
      }
      SignatureDef.Builder signature =
          SignatureDef.newBuilder()
              .setMethodName("tensorflow/serving/predict")
              .putInputs(TEXT, info(text))
              .putOutputs(PROBABILITIES, info(probabilities))
              .putOutputs(LABEL, info(label))
              .putOutputs(LABELS, info(labels));
      from.ifPresent(constant -> signature.putOutputs(THRESHOLD, info(constant)));
      distance.ifPresent(d -> signature.putOutputs(Prototypes.DISTANCE, info(d)));
      farthest.ifPresent(constant -> signature.putOutputs(FARTHEST, info(constant)));
      MetaGraphDef.Builder meta =
          MetaGraphDef.newBuilder()
              .setMetaInfoDef(
                  MetaGraphDef.MetaInfoDef.newBuilder()
                      .addTags("serve")
                      .setTensorflowVersion(TensorFlow.version()))
              .setGraphDef(ServingGraph.of(graph.toGraphDef()))
              .setSaverDef(saver)
              .putSignatureDef(SIGNATURE, signature.build())
              .putSignatureDef(
                  ENCODE,
                  SignatureDef.newBuilder()
                      .setMethodName("tensorflow/serving/predict")
                      .putInputs(TEXT, info(text))
                      .putOutputs(VECTOR, info(vectors))
                      .build())
              .addAssetFileDef(
                  AssetFileDef.newBuilder()
                      .setFilename(VOCABULARY)
                      .setTensorInfo(
                          TensorInfo.newBuilder().setName(ServingGraph.VOCABULARY_PATH + ":0")))
              .putCollectionDef(
                  "saved_model_main_op",
                  CollectionDef.newBuilder()
                      .setNodeList(
                          CollectionDef.NodeList.newBuilder().addValue(initializeTable.op().name()))
                      .build());
      given.ifPresent(definition -> meta.putSignatureDef(CLASSIFY_WITH, definition));
      Files.write(
          temporary.resolve(SavedModels.FILE),
          SavedModels.bytes(
              SavedModel.newBuilder()
                  .setSavedModelSchemaVersion(1)
                  .addMetaGraphs(meta.build())
                  .build()));
    }
  }

  /**
   * Row numbers {@code [batch, length]}, padded with 0, at least one column. If the vocabulary has
   * pairs, those of a text's pairs follow those of its words: {@code [batch, length + length - 1]}.
   */
  private static Operand<TInt32> ids(
      Ops tf, TextModel model, Operand<TString> text, HashTable table) {
    StringSplit split = model.tokenizer().split(tf, text);
    Operand<TInt64> rows = tf.lookupTableFind(table, split.values(), tf.constant(0L));
    Operand<TInt64> shape = tf.math.maximum(split.shape(), tf.constant(new long[] {0, 1}));
    Operand<TInt64> dense = tf.sparse.sparseToDense(split.indices(), shape, rows, tf.constant(0L));
    Operand<TInt64> size =
        tf.math.minimum(shape, tf.constant(new long[] {Long.MAX_VALUE, model.maxLength()}));
    Operand<TInt64> start = tf.constant(new long[] {0, 0});
    Operand<TInt64> ids = tf.slice(dense, start, size);
    if (model.vocabulary().ngrams() > 1) {
      Operand<TInt64> pairs =
          tf.slice(
              pairs(tf, split, shape, table),
              start,
              tf.math.sub(size, tf.constant(new long[] {0, 1})));
      ids = tf.concat(List.of(ids, pairs), tf.constant(1));
    }
    return tf.withName(ROWS).dtypes.cast(ids, TInt32.class);
  }

  /** Row numbers of pairs of neighbours, at the place of their first word. */
  private static Operand<TInt64> pairs(
      Ops tf, StringSplit split, Operand<TInt64> shape, HashTable table) {
    Index first = Indices.sliceTo(-1);
    Index second = Indices.sliceFrom(1);
    Operand<TString> pairs =
        tf.strings.join(
            List.of(
                tf.stridedSlice(split.values(), first), tf.stridedSlice(split.values(), second)),
            Join.separator(Vocabulary.pair("", "")));
    Operand<TInt64> texts = tf.gather(split.indices(), tf.constant(0), tf.constant(1));
    Operand<TBool> neighbours =
        tf.math.equal(tf.stridedSlice(texts, first), tf.stridedSlice(texts, second));
    Operand<TInt64> rows = tf.lookupTableFind(table, pairs, tf.constant(0L));
    return tf.sparse.sparseToDense(
        tf.stridedSlice(split.indices(), first),
        shape,
        tf.select(neighbours, rows, tf.zerosLike(rows)),
        tf.constant(0L));
  }

  /** As far as can be, for a text without a known word. */
  private static Operand<TFloat32> distance(
      Ops tf, Operand<TInt32> ids, Operand<TFloat32> nearest) {
    return tf.withName(Prototypes.DISTANCE)
        .select(known(tf, ids, false), nearest, tf.fill(tf.shape(nearest), tf.constant(UNKNOWN)));
  }

  /** Whether a text has a known word. */
  private static Operand<TBool> known(Ops tf, Operand<TInt32> ids, boolean keepDims) {
    return tf.reduceAny(
        tf.math.greater(ids, tf.constant(0)), tf.constant(1), ReduceAny.keepDims(keepDims));
  }

  /** Name of an op of {@link #CLASSIFY_WITH}. */
  static String given(String name) {
    return CLASSIFY_WITH + "/" + name;
  }

  /** The answers with the state as an input. */
  private static SignatureDef given(
      Ops tf,
      Classifier classifier,
      Operand<TString> text,
      Operand<TInt32> ids,
      Operand<TFloat32> vectors) {
    Ops scope = tf.withSubScope(CLASSIFY_WITH);
    SignatureDef.Builder signature =
        SignatureDef.newBuilder()
            .setMethodName("tensorflow/serving/predict")
            .putInputs(TEXT, info(text));
    Map<String, Operand<TFloat32>> state = new LinkedHashMap<>();
    classifier
        .head()
        .initialState(classifier.width(), 2)
        .forEach(
            (name, matrix) -> {
              Shape shape = matrix.rows() == 1 ? Shape.of(-1) : Shape.of(-1, matrix.columns());
              Placeholder<TFloat32> fed =
                  scope.withName(name).placeholder(TFloat32.class, Placeholder.shape(shape));
              state.put(name, fed);
              signature.putInputs(name, info(fed));
            });
    Placeholder<TString> labels =
        scope.withName(LABELS).placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
    signature.putInputs(LABELS, info(labels));
    Operand<TFloat32> scores = classifier.head().scores(scope, vectors, state);
    Operand<TFloat32> probabilities =
        scope.withName(PROBABILITIES).identity(classifier.head().probabilities(scope, scores));
    return signature
        .putOutputs(PROBABILITIES, info(probabilities))
        .putOutputs(
            LABEL,
            info(
                scope
                    .withName(LABEL)
                    .gather(
                        labels,
                        scope.math.argMax(probabilities, scope.constant(1)),
                        scope.constant(0))))
        .putOutputs(
            Prototypes.DISTANCE,
            info(distance(scope, ids, classifier.head().nearest(scope, scores))))
        .build();
  }

  private static Operand<TFloat32> probabilities(
      Ops tf, TextModel model, Operand<TInt32> ids, Operand<TFloat32> scores) {
    float[] prior = new float[model.prior().size()];
    for (int i = 0; i < prior.length; i++) {
      prior[i] = model.prior().get(i).floatValue();
    }
    Operand<TFloat32> known = model.classifier().head().probabilities(tf, scores);
    return tf.withName(PROBABILITIES)
        .select(known(tf, ids, true), known, tf.constant(new float[][] {prior}));
  }

  private static TensorInfo info(Operand<? extends TType> operand) {
    Output<?> output = operand.asOutput();
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : output.shape().asArray()) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorInfo.newBuilder()
        .setName(output.op().name() + ":" + output.index())
        .setDtype(output.dataType())
        .setTensorShape(shape)
        .build();
  }

  /** Ops that save and restore {@code variables}, under the names that TensorFlow's tools use. */
  private static SaverDef addSaver(Ops tf, Variables variables) {
    Ops save = tf.withSubScope("save");
    Operand<TString> filename = save.withName("filename").placeholder(TString.class);
    List<Operand<?>> values = new ArrayList<>();
    List<Class<? extends TType>> types = new ArrayList<>();
    List<String> names = new ArrayList<>();
    Map<String, Operand<?>> reads = variables.reads();
    for (Variable variable : variables.all()) {
      names.add(variable.name());
      types.add(variable.type());
      values.add(reads.get(variable.name()));
    }
    String[] all = names.toArray(new String[0]);
    String[] whole = names.stream().map(n -> "").toArray(String[]::new);
    Op written = save.train.save(filename, save.array(all), save.array(whole), values);
    save.withControlDependencies(written).withName("control_dependency").identity(filename);
    Restore restored = save.train.restore(filename, save.array(all), save.array(whole), types);
    List<Op> assigned = new ArrayList<>();
    int i = 0;
    for (Variable variable : variables.all()) {
      assigned.add(variable.assign(save, restored.tensors().get(i++).expect(variable.type())));
    }
    save.withControlDependencies(assigned).withName("restore_all").noOp();
    return SaverDef.newBuilder()
        .setFilenameTensorName("save/filename:0")
        .setSaveTensorName("save/control_dependency:0")
        .setRestoreOpName("save/restore_all")
        .setMaxToKeep(1)
        .setVersion(SaverDef.CheckpointFormatVersion.V2)
        .build();
  }
}
