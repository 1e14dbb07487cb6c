package io.github.lowrank.spark;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A text classifier from a compact file as a stage of a pipeline: from a column of texts to the
 * most likely label, its probability, and the vector that the encoder made of the text. A text that
 * the model rejects, or that is null, has the label null.
 *
 * <p>The bytes of the file are part of the stage: they are broadcast once, stored with a saved
 * pipeline, and every process loads them once into a plain-Java predictor that all its tasks share.
 *
 * <pre>{@code
 * Dataset<Row> answers = LowrankClassifier.of(Path.of("model.lrk")).setInputCol("text").transform(texts);
 * }</pre>
 */
public final class LowrankClassifier extends Transformer implements MLWritable {
  private static final long serialVersionUID = 1L;

  /** Name of the compact file in the folder of a saved stage. */
  private static final String FILE = "model.lrk";

  private static final String LABEL = "label";
  private static final String PROBABILITY = "probability";
  private static final String VECTOR = "vector";

  private final String uid;
  private final byte[] file;
  private final Param<String> inputCol;
  private final Param<String> labelCol;
  private final Param<String> probabilityCol;
  private final Param<String> vectorCol;

  private LowrankClassifier(String uid, byte[] file) {
    this.uid = uid;
    this.file = file;
    inputCol = new Param<>(uid, "inputCol", "column of the texts");
    labelCol = new Param<>(uid, "labelCol", "column of the most likely label");
    probabilityCol = new Param<>(uid, "probabilityCol", "column of its probability");
    vectorCol = new Param<>(uid, "vectorCol", "column of the vector of the text");
    setDefault(inputCol, "text");
    setDefault(labelCol, LABEL);
    setDefault(probabilityCol, PROBABILITY);
    setDefault(vectorCol, VECTOR);
  }

  /**
   * The classifier of a compact file, which {@code lowrank train --out model.lrk} and {@code
   * lowrank export --format compact} write.
   *
   * @throws IOException if it cannot be read or is no compact file
   */
  public static LowrankClassifier of(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Predictor.of(bytes, file.toString()); // what is wrong with it is told here, not by an executor
    return new LowrankClassifier(Identifiable$.MODULE$.randomUID("lowrank"), bytes);
  }

  /**
   * Registers a function of SQL: {@code SELECT name(text).label, name(text).probability}; its third
   * field is {@code vector}.
   */
  public static void register(SparkSession spark, String name, Path file) throws IOException {
    spark.udf().register(name, of(file).function(spark));
  }

  @Override
  public String uid() {
    return uid;
  }

  // Spark finds the parameters of a stage by its public methods.

  /** The parameter of {@link #setInputCol}. */
  public Param<String> inputCol() {
    return inputCol;
  }

  /** The parameter of {@link #setLabelCol}. */
  public Param<String> labelCol() {
    return labelCol;
  }

  /** The parameter of {@link #setProbabilityCol}. */
  public Param<String> probabilityCol() {
    return probabilityCol;
  }

  /** The parameter of {@link #setVectorCol}. */
  public Param<String> vectorCol() {
    return vectorCol;
  }

  /** Column of the texts (default: text). */
  public LowrankClassifier setInputCol(String name) {
    set(inputCol, name);
    return this;
  }

  /** Column of the most likely label (default: label). */
  public LowrankClassifier setLabelCol(String name) {
    set(labelCol, name);
    return this;
  }

  /** Column of its probability (default: probability). */
  public LowrankClassifier setProbabilityCol(String name) {
    set(probabilityCol, name);
    return this;
  }

  /** Column of the vector of the text (default: vector). */
  public LowrankClassifier setVectorCol(String name) {
    set(vectorCol, name);
    return this;
  }

  private String name(Param<String> column) {
    return getOrDefault(column);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> texts) {
    transformSchema(texts.schema());
    UserDefinedFunction answer = function(texts.sparkSession());
    String struct = uid + "_answer";
    List<Column> columns = new ArrayList<>();
    for (String column : texts.columns()) {
      columns.add(functions.col("`" + column.replace("`", "``") + "`"));
    }
    Column answered = functions.col(struct);
    columns.add(answered.getField(LABEL).as(name(labelCol)));
    columns.add(answered.getField(PROBABILITY).as(name(probabilityCol)));
    columns.add(answered.getField(VECTOR).as(name(vectorCol)));
    return texts
        .withColumn(struct, answer.apply(functions.col(name(inputCol))))
        .select(columns.toArray(new Column[0]));
  }

  private UserDefinedFunction function(SparkSession spark) {
    Broadcast<byte[]> bytes =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(file);
    // Spark would evaluate a function that it may repeat once per field of the answer.
    return functions
        .udf(
            new Answers(bytes, AtomicFiles.checksum(file)),
            new StructType()
                .add(LABEL, DataTypes.StringType)
                .add(PROBABILITY, DataTypes.FloatType)
                .add(VECTOR, SQLDataTypes.VectorType()))
        .asNondeterministic();
  }

  private record Answers(Broadcast<byte[]> bytes, String checksum)
      implements UDF1<String, Row>, Serializable {
    /** One predictor per process and file. */
    private static final Map<String, Predictor> LOADED = new ConcurrentHashMap<>();

    @Override
    public Row call(String text) {
      if (text == null) {
        return null;
      }
      Predictor predictor = LOADED.computeIfAbsent(checksum, key -> load());
      float[] probabilities = new float[predictor.labels().size()];
      float[] vector = new float[predictor.vectorLength()];
      int answer = predictor.predict(text, probabilities, vector);
      int best = answer < 0 ? ~answer : answer;
      double[] wide = new double[vector.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = vector[i];
      }
      return RowFactory.create(
          answer < 0 ? null : predictor.labels().get(best),
          probabilities[best],
          Vectors.dense(wide));
    }

    private Predictor load() {
      try {
        return Predictor.of(bytes.value(), FILE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public StructType transformSchema(StructType schema) {
    List<String> names = List.of(schema.fieldNames());
    if (!names.contains(name(inputCol))
        || !schema.apply(name(inputCol)).dataType().equals(DataTypes.StringType)) {
      throw new IllegalArgumentException(
          "inputCol: expected a column %s of texts, found %s".formatted(name(inputCol), schema));
    }
    StructType with = schema;
    for (StructField field :
        List.of(
            new StructField(name(labelCol), DataTypes.StringType, true, null),
            new StructField(name(probabilityCol), DataTypes.FloatType, true, null),
            new StructField(name(vectorCol), SQLDataTypes.VectorType(), true, null))) {
      if (List.of(with.fieldNames()).contains(field.name())) {
        throw new IllegalArgumentException(
            "the column %s is already there: expected another name for the answer"
                .formatted(field.name()));
      }
      with = with.add(field.name(), field.dataType());
    }
    return with;
  }

  @Override
  public LowrankClassifier copy(ParamMap extra) {
    return (LowrankClassifier) copyValues(new LowrankClassifier(uid, file), extra);
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  /** Reads what {@link #write} wrote; {@code PipelineModel.load} calls it. */
  public static MLReader<LowrankClassifier> read() {
    return new Reader();
  }

  private static org.apache.hadoop.fs.Path inside(String folder) {
    return new org.apache.hadoop.fs.Path(folder, FILE);
  }

  private static final class Writer extends MLWriter {
    private final LowrankClassifier stage;

    private Writer(LowrankClassifier stage) {
      this.stage = stage;
    }

    @Override
    public void saveImpl(String folder) {
      DefaultParamsWriter$.MODULE$.saveMetadata(stage, folder, sparkSession());
      Configuration configuration = sparkSession().sparkContext().hadoopConfiguration();
      try (OutputStream out =
          inside(folder).getFileSystem(configuration).create(inside(folder), true)) {
        out.write(stage.file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Reader extends MLReader<LowrankClassifier> {
    @Override
    public LowrankClassifier load(String folder) {
      var metadata =
          DefaultParamsReader$.MODULE$.loadMetadata(
              folder, sparkSession(), LowrankClassifier.class.getName());
      Configuration configuration = sparkSession().sparkContext().hadoopConfiguration();
      try (InputStream in = inside(folder).getFileSystem(configuration).open(inside(folder))) {
        byte[] bytes = in.readAllBytes();
        Predictor.of(bytes, inside(folder).toString());
        LowrankClassifier stage = new LowrankClassifier(metadata.uid(), bytes);
        metadata.getAndSetParams(stage, scala.Option.empty());
        return stage;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
