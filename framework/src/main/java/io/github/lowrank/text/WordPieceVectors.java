package io.github.lowrank.text;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Word vectors from the word-piece table of a BERT-like sentence encoder in ONNX: the vector of any
 * word is the mean of its pieces' vectors (greedy longest match, as WordPiece tokenizes), so every
 * word has one. The table is reduced by principal component analysis.
 */
public final class WordPieceVectors implements WordVectors {
  private static final String TABLE = "embeddings.word_embeddings.weight";

  private final WordPieces pieces;
  private final Matrix table;
  private final double variance;

  private WordPieceVectors(WordPieces pieces, Matrix table, double variance) {
    this.pieces = pieces;
    this.table = table;
    this.variance = variance;
  }

  /**
   * Reads a table and its pieces.
   *
   * @param name name of the model, for messages
   * @param onnx an ONNX model with the initializer {@value #TABLE}
   * @param tokenizer a Hugging Face tokenizer.json with {@code model.vocab}
   * @param dimension components to keep, d; vectors are scaled to a mean square of 0.01 per
   *     component
   */
  public static WordPieceVectors read(
      String name, InputStream onnx, InputStream tokenizer, int dimension) throws IOException {
    Matrix full = initializer(name, onnx);
    WordPieces pieces = WordPieces.read(name, tokenizer);
    if (pieces.size() != full.rows()) {
      throw new MalformedFileException(
          name, full.rows() + " word pieces", Integer.toString(pieces.size()));
    }
    if (dimension > full.columns()) {
      throw new MalformedFileException(
          name, "at least %d dimensions".formatted(dimension), full.columns() + " dimensions");
    }
    for (float x : full.values()) {
      if (!(Math.abs(x) <= VectorLine.LARGEST)) {
        throw new MalformedFileException(name, "finite numbers of at most 1e6", Float.toString(x));
      }
    }
    PrincipalComponents components = PrincipalComponents.of(full, dimension, 0.01);
    return new WordPieceVectors(pieces, components.values(), components.variance());
  }

  /** Finds the initializer in ModelProto.graph(7).initializer(5), reading nothing else. */
  private static Matrix initializer(String name, InputStream onnx) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(onnx, 1 << 16);
    in.setSizeLimit(Integer.MAX_VALUE);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) != 7) {
          in.skipField(tag);
          continue;
        }
        int graph = in.pushLimit(in.readRawVarint32());
        for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
          if (WireFormat.getTagFieldNumber(inner) != 5) {
            in.skipField(inner);
            continue;
          }
          int tensor = in.pushLimit(in.readRawVarint32());
          Matrix found = tensor(name, in);
          in.popLimit(tensor);
          if (found != null) {
            return found;
          }
        }
        in.popLimit(graph);
      }
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new MalformedFileException(name, "an ONNX model", e.getMessage());
    }
    throw new MalformedFileException(name, "the initializer " + TABLE, "none of that name");
  }

  /** A TensorProto: dims(1), data_type(2), name(8), raw_data(9). */
  private static Matrix tensor(String model, CodedInputStream in) throws IOException {
    List<Long> dims = new ArrayList<>();
    String name = "";
    byte[] raw = null;
    long type = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> {
          if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            int limit = in.pushLimit(in.readRawVarint32());
            while (in.getBytesUntilLimit() > 0) {
              dims.add(in.readInt64());
            }
            in.popLimit(limit);
          } else {
            dims.add(in.readInt64());
          }
        }
        case 2 -> type = in.readInt32();
        case 8 -> name = in.readString();
        case 9 -> raw = in.readByteArray();
        default -> in.skipField(tag);
      }
    }
    if (!name.equals(TABLE)) {
      return null;
    }
    if (type != 1
        || dims.size() != 2
        || raw == null
        || raw.length != Float.BYTES * dims.get(0) * dims.get(1)) {
      throw new MalformedFileException(
          model + ", " + TABLE, "a matrix of raw floats", "type " + type + ", dimensions " + dims);
    }
    float[] values = new float[raw.length / Float.BYTES];
    ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return new Matrix(dims.get(0).intValue(), dims.get(1).intValue(), values);
  }

  /** Share of the table's variance that the kept components explain, in [0, 1]. */
  public double variance() {
    return variance;
  }

  @Override
  public int dimension() {
    return table.columns();
  }

  @Override
  public float[] vector(String word) {
    if (Vocabulary.isPair(word)) {
      return null; // its pieces are those of its words
    }
    List<Integer> rows = pieces.ofWord(word);
    float[] vector = new float[table.columns()];
    for (int row : rows) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] += table.get(row, i) / rows.size();
      }
    }
    return vector;
  }
}
