package io.github.lowrank.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the program of the documentation with nothing but ONNX Runtime. */
class OnnxProgramTest {
  @TempDir Path folder;

  @Test
  void theProgramOfThePageAnswers() throws Exception {
    Matcher block =
        Pattern.compile("(?s)```java\n(import ai.onnxruntime.*?)```")
            .matcher(Files.readString(Path.of("../docs/serving.md")));
    assertThat(block.find()).isTrue();
    Path source = Files.writeString(folder.resolve("ClassifyWithOnnx.java"), block.group(1));
    String runtime =
        Path.of(OrtEnvironment.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", "-cp", runtime, source.toString());
    assertThat(failed).isZero();

    Path model = model();
    Path file = folder.resolve("model.onnx");
    export(model, "onnx", file);
    export(model, "onnx-rows", folder.resolve("rows.onnx"));
    String text = "a funny film \ud83d\ude00";
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder + System.getProperty("path.separator") + runtime,
                "ClassifyWithOnnx",
                file.toString(),
                text)
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes());
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(printed.strip()).endsWith(classifier.predict(List.of(text)).get(0).label());
    }
    assertThat(process.waitFor()).isZero();
  }

  private static void export(Path model, String format, Path out) {
    Terminal.Outcome outcome =
        Terminal.run(
            List.of(), "export", model.toString(), "--format", format, "--out", out.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains(out + ": ");
    assertThat(out).exists();
  }

  private Path model() throws Exception {
    Vocabulary words = Vocabulary.of(List.<String[]>of(new String[] {"a", "funny", "dull"}));
    Dense table = new Dense(Matrix.uniform(words.size(), 4, 1, new Random(1)));
    Path model = folder.resolve("model");
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(new Dan(List.of(3), 0), new Softmax(), table, 2, 1),
            Tokenizer.WORDS,
            words,
            List.of("bad", "good"),
            List.of(0.5, 0.5),
            40),
        model);
    return model;
  }
}
