package io.github.lowrank.graphdef;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.github.lowrank.op.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedModelOrBuilder;

/** SavedModels on disk, ours or not. */
public final class SavedModels {
  /** Name of the protocol buffer in the folder of a SavedModel. */
  public static final String FILE = "saved_model.pb";

  private SavedModels() {}

  /**
   * The protocol buffer of a SavedModel.
   *
   * @throws IOException if {@code model} is not a folder with a SavedModel
   */
  public static SavedModel parse(Path model) throws IOException {
    Path file = model.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IOException(model + " is not a SavedModel: it has no file " + FILE);
    }
    checkLinks(model);
    try {
      SavedModel saved = SavedModel.parseFrom(Files.readAllBytes(file));
      if (saved.getMetaGraphsCount() == 0) {
        throw new IOException(file + ": expected a graph, found none");
      }
      GraphCheck.check(file, saved.getMetaGraphs(0));
      return saved;
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(
          file + ": expected the protocol buffer of a SavedModel, found: " + e.getMessage(), e);
    }
  }

  /** Refuses links that lead out of the model. */
  private static void checkLinks(Path model) throws IOException {
    Path root = model.toRealPath();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(Files::isSymbolicLink).toList()) {
        boolean inside;
        try {
          inside = path.toRealPath().startsWith(root);
        } catch (IOException e) {
          inside = false;
        }
        if (!inside) {
          throw new IOException(
              "%s: %s is a link that leads out of the model"
                  .formatted(model, root.relativize(path)));
        }
        if (Files.isDirectory(path)) { // which whoever copies the model would not see
          throw new IOException(
              "%s: %s is a link: expected the folder itself"
                  .formatted(model, root.relativize(path)));
        }
      }
    }
  }

  /** The graph of a SavedModel that serves; many have only one. */
  public static MetaGraphDef metaGraph(Path model) throws IOException {
    SavedModel saved = parse(model);
    return saved.getMetaGraphs(serving(saved));
  }

  /** The number of the graph with the fewest tags beside "serve"; 0 if none has that tag. */
  public static int serving(SavedModelOrBuilder saved) {
    int best = 0;
    int fewest = Integer.MAX_VALUE;
    for (int i = 0; i < saved.getMetaGraphsCount(); i++) {
      List<String> tags = saved.getMetaGraphs(i).getMetaInfoDef().getTagsList();
      if (tags.contains("serve") && tags.size() < fewest) {
        best = i;
        fewest = tags.size();
      }
    }
    return best;
  }

  /**
   * Loads a SavedModel with the tags of the graph that serves.
   *
   * @throws IOException if its ops could reach more than the model itself, see {@link Safety}
   */
  public static SavedModelBundle load(Path model) throws IOException {
    return load(model, metaGraph(model), false);
  }

  /**
   * Loads a SavedModel with the tags of {@code meta}.
   *
   * @throws IOException if its ops could reach more than the model itself, see {@link Safety}
   */
  public static SavedModelBundle load(Path model, MetaGraphDef meta) throws IOException {
    return load(model, meta, false);
  }

  /**
   * Loads a SavedModel with the tags of {@code meta}: its first initialiser runs.
   *
   * @param trusted whether a model may run whatever ops it holds
   */
  public static SavedModelBundle load(Path model, MetaGraphDef meta, boolean trusted)
      throws IOException {
    GraphCheck.check(model.resolve(FILE), meta);
    if (!trusted) {
      Safety.check(model, meta);
    }
    try {
      return SavedModelBundle.loader(model.toString())
          .withTags(meta.getMetaInfoDef().getTagsList().toArray(new String[0]))
          .withConfigProto(Sessions.config())
          .load();
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw refused(model + " cannot be loaded as a SavedModel", e);
    }
  }

  /** An exception for users of what TensorFlow threw, with the first line of its reasons. */
  public static IOException refused(String what, RuntimeException e) {
    String reasons = e.getMessage() == null ? "unknown error" : e.getMessage();
    return new IOException(what + ": " + reasons.lines().findFirst().orElse(""), e);
  }

  /** The bytes of {@code message}, equal for equal messages: its maps are sorted. */
  public static byte[] bytes(MessageLite message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getSerializedSize());
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new AssertionError("written to memory", e);
    }
    return bytes.toByteArray();
  }
}
