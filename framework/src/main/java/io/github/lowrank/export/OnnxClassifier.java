package io.github.lowrank.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A file of {@link OnnxFile} that takes texts, run by ONNX Runtime, to compare and to measure it.
 * Programs use ONNX Runtime alone: {@code docs/serving.md}.
 */
public final class OnnxClassifier implements AutoCloseable {
  /**
   * What ONNX Runtime's Java interface, which hands over modified UTF-8, cannot pass on: characters
   * beyond U+FFFF, and NUL.
   */
  private static final Pattern NOT_PASSED_ON =
      Pattern.compile("[\\x00\\x{10000}-\\x{10ffff}\\ud800-\\udfff]");

  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession session;

  private OnnxClassifier(String name, OrtEnvironment environment, OrtSession session) {
    this.name = name;
    this.environment = environment;
    this.session = session;
  }

  /** Whether ONNX Runtime's Java interface can pass on all of a text. */
  static boolean passesOn(String text) {
    return !NOT_PASSED_ON.matcher(text).find();
  }

  /** Loads a file. */
  public static OnnxClassifier load(Path file) throws IOException {
    return of(Files.readAllBytes(file), file.toString());
  }

  static OnnxClassifier of(byte[] bytes, String name) throws IOException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1); // the operators are too small to be shared
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      return new OnnxClassifier(name, environment, environment.createSession(bytes, options));
    } catch (OrtException e) {
      throw failure(name, e);
    }
  }

  private static IOException failure(String name, OrtException e) {
    return new IOException(name + ": ONNX Runtime failed: " + e.getMessage(), e);
  }

  /** Label and probabilities of each text. */
  public List<TextClassifier.Prediction> predict(List<String> texts) throws IOException {
    String[] all =
        texts.stream()
            .map(text -> NOT_PASSED_ON.matcher(text).replaceAll("\ufffd"))
            .toArray(String[]::new);
    try (OnnxTensor input = OnnxTensor.createTensor(environment, all);
        OrtSession.Result result = session.run(Map.of(SavedModelWriter.TEXT, input))) {
      String[] labels = (String[]) result.get(SavedModelWriter.LABEL).orElseThrow().getValue();
      float[][] probabilities =
          (float[][]) result.get(SavedModelWriter.PROBABILITIES).orElseThrow().getValue();
      List<TextClassifier.Prediction> predictions = new ArrayList<>();
      for (int i = 0; i < labels.length; i++) {
        float most = 0;
        for (float probability : probabilities[i]) {
          most = Math.max(most, probability);
        }
        predictions.add(new TextClassifier.Prediction(labels[i], most, probabilities[i], false));
      }
      return predictions;
    } catch (OrtException e) {
      throw failure(name, e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
