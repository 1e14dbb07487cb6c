package io.github.lowrank.graphdef;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.op.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedModelOrBuilder;

/** SavedModels on disk, ours or not. */
public final class SavedModels {
  /** Name of the protocol buffer in the folder of a SavedModel. */
  public static final String FILE = "saved_model.pb";

  /** Name of the constant with the SHA-256 of the first asset, in models of Lowrank. */
  public static final String ASSET_SHA256 = "vocabulary_sha256";

  private SavedModels() {}

  /**
   * The protocol buffer of a SavedModel.
   *
   * @throws IOException if {@code model} is not a folder with a SavedModel
   */
  public static SavedModel parse(Path model) throws IOException {
    Path file = model.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          model
              + (Files.isDirectory(model)
                  ? " is not a SavedModel: it has no file " + FILE
                  : (Files.exists(model) ? " is no folder" : " does not exist")
                      + ": expected the folder of a SavedModel"));
    }
    checkLinks(model);
    try {
      SavedModel saved = SavedModel.parseFrom(Files.readAllBytes(file));
      if (saved.getMetaGraphsCount() == 0) {
        throw new IOException(file + ": expected a graph, found none");
      }
      for (MetaGraphDef meta : saved.getMetaGraphsList()) {
        GraphCheck.check(file, meta);
        checkAssets(file, meta);
      }
      return saved;
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(
          file + ": expected the protocol buffer of a SavedModel, found: " + e.getMessage(), e);
    }
  }

  /** The assets of a graph, as TensorFlow finds them: TensorFlow 1 lists them in a collection. */
  static List<AssetFileDef> assets(MetaGraphDef meta) {
    List<AssetFileDef> files = new ArrayList<>(meta.getAssetFileDefList());
    CollectionDef listed =
        meta.getCollectionDefOrDefault("saved_model_assets", CollectionDef.getDefaultInstance());
    if (files.isEmpty()) {
      for (Any any : listed.getAnyList().getValueList()) {
        try {
          files.add(AssetFileDef.parseFrom(any.getValue()));
        } catch (InvalidProtocolBufferException e) {
          continue; // what is damaged names no asset
        }
      }
    }
    return files;
  }

  /** Refuses assets outside of their folder. */
  private static void checkAssets(Path file, MetaGraphDef meta) throws IOException {
    for (AssetFileDef asset : assets(meta)) {
      String name = asset.getFilename();
      if (name.isEmpty() || name.startsWith("/") || List.of(name.split("[/\\\\]")).contains("..")) {
        throw new IOException(
            "%s: expected the name of a file in the folder assets, found '%s'"
                .formatted(file, name.replaceAll("\\p{Cntrl}", " ")));
      }
    }
  }

  /** Refuses links that lead out of the model, and what is neither a file nor a folder. */
  private static void checkLinks(Path model) throws IOException {
    Path root = model.toRealPath();
    List<Path> all;
    try (Stream<Path> paths = Files.walk(root)) {
      all = paths.toList();
    }
    for (Path path : all) {
      if (Files.isSymbolicLink(path)) {
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
      } else if (!Files.isRegularFile(path) && !Files.isDirectory(path)) {
        throw new IOException(
            "%s: %s is neither a file nor a folder".formatted(model, root.relativize(path)));
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
      // TensorFlow takes the first graph whose set of tags is the one that is asked for.
      Set<String> tags = new HashSet<>(saved.getMetaGraphs(i).getMetaInfoDef().getTagsList());
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
   * Refuses what must not be run.
   *
   * @param trusted whether a model may run whatever ops it holds
   * @throws IOException if the graph does not hold together, if its ops could reach more than the
   *     model itself, or if its asset is not the one that was written with it
   */
  public static void check(Path model, MetaGraphDef meta, boolean trusted) throws IOException {
    GraphCheck.check(model.resolve(FILE), meta);
    if (!trusted) {
      Safety.check(model, meta);
    }
    checkAsset(model, meta);
  }

  /**
   * Loads a SavedModel with the tags of {@code meta}: its first initialiser runs.
   *
   * @param trusted whether a model may run whatever ops it holds
   */
  public static SavedModelBundle load(Path model, MetaGraphDef meta, boolean trusted)
      throws IOException {
    check(model, meta, trusted);
    try {
      return SavedModelBundle.loader(model.toString())
          .withTags(meta.getMetaInfoDef().getTagsList().toArray(new String[0]))
          .withConfigProto(Sessions.config())
          .load();
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw refused(model + " cannot be loaded as a SavedModel", e);
    }
  }

  /** A vocabulary that lost a line, or a part of it, would change answers without a word. */
  private static void checkAsset(Path directory, MetaGraphDef meta) throws IOException {
    for (NodeDef node : meta.getGraphDef().getNodeList()) {
      if (node.getName().equals(ASSET_SHA256)) {
        Path file =
            directory
                .resolve("assets")
                .resolve(
                    assets(meta).stream().map(AssetFileDef::getFilename).findFirst().orElse(""));
        String written =
            node
                .getAttrOrDefault("value", AttrValue.getDefaultInstance())
                .getTensor()
                .getStringValList()
                .stream()
                .map(ByteString::toStringUtf8)
                .findFirst()
                .orElse("");
        if (!Files.isRegularFile(file)) {
          throw new IOException(file + " does not exist: expected an asset of the model");
        }
        String found = AtomicFiles.checksum(file);
        if (!found.equals(written)) {
          throw new IOException(
              "%s: expected the file that was written with the model, with SHA-256 %s, found %s (truncated or edited?)"
                  .formatted(file, written, found));
        }
      }
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
