package io.github.lowrank.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.experiments.cli.Cli;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LowrankClassifierTest {
  @TempDir static Path folder;
  private static SparkSession spark;
  private static Path model;
  private static final List<String> TEXTS = new ArrayList<>();

  @BeforeAll
  static void open() throws IOException {
    Random random = new Random(1);
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 300; i++) {
      boolean wet = random.nextBoolean();
      String text = (wet ? "rain " : "sun ") + (wet ? "cloud" : "beach") + " w" + i % 40;
      TEXTS.add(text);
      csv.append(text).append(wet ? ",wet\n" : ",dry\n");
    }
    TEXTS.add("");
    TEXTS.add("nothing known");
    model = folder.resolve("model.lrk");
    StringWriter err = new StringWriter();
    int code =
        new Cli()
            .execute(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                "train",
                "--train",
                Files.writeString(folder.resolve("train.csv"), csv).toString(),
                "--vectors",
                "none",
                "--model",
                "dan",
                "--steps",
                "60",
                "--out",
                model.toString());
    assertThat(code).as(err.toString()).isZero();
    spark =
        SparkSession.builder()
            .sparkContext(SparkContexts.open("test", Optional.of("local[2]")).sc())
            .getOrCreate();
  }

  @AfterAll
  static void close() {
    spark.stop();
  }

  private static Dataset<Row> texts() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < TEXTS.size(); i++) {
      rows.add(RowFactory.create(i, TEXTS.get(i)));
    }
    rows.add(RowFactory.create(TEXTS.size(), null));
    return spark
        .createDataFrame(
            rows,
            new StructType()
                .add("id.of", DataTypes.IntegerType)
                .add("my text", DataTypes.StringType))
        .repartition(3);
  }

  private static LowrankClassifier classifier() throws IOException {
    return LowrankClassifier.of(model).setInputCol("my text").setVectorCol("point");
  }

  private static void assertAnswers(Dataset<Row> answers) throws IOException {
    Predictor predictor = Predictor.load(model);
    assertThat(answers.columns())
        .containsExactly("id.of", "my text", "label", "probability", "point");
    List<Row> rows = answers.collectAsList();
    assertThat(rows).hasSize(TEXTS.size() + 1);
    float[] probabilities = new float[predictor.labels().size()];
    float[] vector = new float[predictor.vectorLength()];
    for (Row row : rows) {
      if (row.isNullAt(1)) {
        assertThat(row.isNullAt(2) && row.isNullAt(3) && row.isNullAt(4)).isTrue();
        continue;
      }
      int best = predictor.predict(row.getString(1), probabilities, vector);
      assertThat(row.getString(2)).isEqualTo(predictor.labels().get(best));
      assertThat(row.getFloat(3)).isEqualTo(probabilities[best]);
      double[] found = ((Vector) row.get(4)).toArray();
      assertThat(found).hasSize(vector.length);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isEqualTo(vector[i]);
      }
    }
    assertThat(rows.stream().filter(r -> "wet".equals(r.getString(2))).count())
        .isBetween(50L, 250L);
  }

  @Test
  void answersAsThePredictorDoes() throws IOException {
    assertAnswers(classifier().transform(texts()));
  }

  @Test
  void isSavedAndLoadedWithAPipeline() throws IOException {
    Path saved = folder.resolve("pipeline");
    PipelineModel fitted =
        new Pipeline().setStages(new PipelineStage[] {classifier()}).fit(texts());
    fitted.write().overwrite().save(saved.toString());
    PipelineModel loaded = PipelineModel.load(saved.toString());
    assertThat(loaded.stages()[0]).isInstanceOf(LowrankClassifier.class);
    assertThat(loaded.stages()[0].uid()).isEqualTo(fitted.stages()[0].uid());
    assertAnswers(loaded.transform(texts()));
  }

  @Test
  void isAFunctionOfSql() throws IOException {
    LowrankClassifier.register(spark, "classify", model);
    texts().createOrReplaceTempView("texts");
    List<Row> rows =
        spark
            .sql(
                "SELECT answer.label, COUNT(*) FROM (SELECT classify(`my text`) AS answer FROM texts)"
                    + " WHERE answer.label IS NOT NULL GROUP BY answer.label")
            .collectAsList();
    assertThat(rows).extracting(r -> r.getString(0)).containsExactlyInAnyOrder("wet", "dry");
    assertThat(rows.stream().mapToLong(r -> r.getLong(1)).sum()).isEqualTo(TEXTS.size());
  }

  @Test
  void mistakesAreTold() throws IOException {
    assertThatThrownBy(() -> LowrankClassifier.of(model).transform(texts()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputCol: expected a column text of texts");
    assertThatThrownBy(() -> classifier().setLabelCol("my text").transform(texts()))
        .hasMessageContaining("the column my text is already there");
    Path wrong = Files.write(folder.resolve("wrong.lrk"), new byte[100]);
    assertThatThrownBy(() -> LowrankClassifier.of(wrong))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wrong.lrk");
    assertThat(classifier().transformSchema(texts().schema()).apply("point").dataType())
        .isEqualTo(SQLDataTypes.VectorType());
    assertThat(Arrays.stream(classifier().params()).map(p -> p.name()))
        .containsExactlyInAnyOrder("inputCol", "labelCol", "probabilityCol", "vectorCol");
  }
}
