package io.github.lowrank.text;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A sentence encoder in ONNX, run by ONNX Runtime: the vector of a text is the last layer's at the
 * first piece, {@code [CLS]}, scaled to length 1. That is how the BGE models are meant to be read:
 * Xiao et al., <a href="https://arxiv.org/abs/2309.07597">C-Pack</a> (2023).
 */
public final class SentenceEncoder implements AutoCloseable {
  /** Enough for several sentences; the time of a text grows with its pieces. */
  private static final int MOST_PIECES = 128;

  private static final int BATCH = 32;

  private final WordPieces pieces;
  private final OrtEnvironment environment;
  private final OrtSession session;

  private SentenceEncoder(WordPieces pieces, OrtEnvironment environment, OrtSession session) {
    this.pieces = pieces;
    this.environment = environment;
    this.session = session;
  }

  /**
   * Loads a model.
   *
   * @param name name of the model, for messages
   * @param onnx a model with the inputs input_ids, attention_mask and token_type_ids
   * @param tokenizer its tokenizer.json
   */
  public static SentenceEncoder load(String name, InputStream onnx, InputStream tokenizer)
      throws IOException {
    WordPieces pieces = WordPieces.read(name, tokenizer);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Sessions.threads());
      return new SentenceEncoder(
          pieces, environment, environment.createSession(onnx.readAllBytes(), options));
    } catch (OrtException e) {
      throw new MalformedFileException(name, "a sentence encoder in ONNX", e.getMessage());
    }
  }

  /**
   * The vectors of texts.
   *
   * @param done is told the number of texts that are done, after each batch
   * @return {@code [texts, n]}
   */
  public Matrix encode(List<String> texts, IntConsumer done) throws IOException {
    List<List<Integer>> inputs =
        texts.stream().map(text -> pieces.ofText(text, MOST_PIECES)).toList();
    // Texts of equal length share a batch, so that little of it is padding.
    int[] order =
        IntStream.range(0, inputs.size())
            .boxed()
            .sorted(Comparator.comparing(i -> inputs.get(i).size()))
            .mapToInt(i -> i)
            .toArray();
    float[][] vectors = new float[texts.size()][];
    for (int start = 0; start < order.length; start += BATCH) {
      int[] batch = Arrays.copyOfRange(order, start, Math.min(order.length, start + BATCH));
      encode(Arrays.stream(batch).mapToObj(inputs::get).toList(), batch, vectors);
      done.accept(start + batch.length);
    }
    int width = vectors.length == 0 ? 0 : vectors[0].length;
    float[] values = new float[Math.multiplyExact(vectors.length, width)];
    for (int i = 0; i < vectors.length; i++) {
      System.arraycopy(vectors[i], 0, values, i * width, width);
    }
    return new Matrix(vectors.length, width, values);
  }

  private void encode(List<List<Integer>> batch, int[] places, float[][] vectors)
      throws IOException {
    int length = batch.get(batch.size() - 1).size();
    long[] ids = new long[batch.size() * length];
    long[] mask = new long[ids.length];
    for (int i = 0; i < batch.size(); i++) {
      for (int j = 0; j < batch.get(i).size(); j++) {
        ids[i * length + j] = batch.get(i).get(j);
        mask[i * length + j] = 1;
      }
    }
    long[] shape = {batch.size(), length};
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      inputs.put("input_ids", OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape));
      inputs.put(
          "attention_mask", OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape));
      inputs.put(
          "token_type_ids",
          OnnxTensor.createTensor(environment, LongBuffer.allocate(ids.length), shape));
      try (OrtSession.Result result = session.run(inputs)) {
        FloatBuffer all = ((OnnxTensor) result.get(0)).getFloatBuffer();
        int width = all.remaining() / ids.length;
        for (int i = 0; i < places.length; i++) {
          float[] vector = new float[width];
          all.get(i * length * width, vector);
          vectors[places[i]] = unit(vector);
        }
      }
    } catch (OrtException e) {
      throw new IOException("the sentence encoder failed: " + e.getMessage(), e);
    } finally {
      inputs.values().forEach(OnnxValue::close);
    }
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) Math.max(Math.sqrt(squares), 1e-12);
    }
    return vector;
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
