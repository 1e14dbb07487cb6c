package io.github.lowrank.foreign;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.MetaGraphDefOrBuilder;

/** The model card of a compressed model: from what it was made, how, and what that changed. */
final class CompressionCard {
  private static final String JSON = "model-card.json";

  /** Cards of the original, which are not true of the result. */
  static final Set<String> FORMER = Set.of(JSON, "model-card.md");

  /** No number is longer. */
  private static final double LONGEST = -Double.MIN_NORMAL;

  private static final int PER_NOTE = 400;

  private CompressionCard() {}

  /** At least the bytes that the card of the compressed model will have. */
  static long bound(
      Path original,
      MetaGraphDefOrBuilder meta,
      CompressionRequest request,
      List<ModelCompressor.Compressed> tables) {
    List<ModelComparison.Difference> differences = new ArrayList<>();
    meta.getSignatureDefMap()
        .forEach(
            (name, signature) ->
                signature
                    .getOutputsMap()
                    .keySet()
                    .forEach(
                        output ->
                            differences.add(
                                new ModelComparison.Difference(
                                    name,
                                    output,
                                    LONGEST,
                                    LONGEST,
                                    LONGEST,
                                    Integer.MAX_VALUE,
                                    true,
                                    0,
                                    0,
                                    ""))));
    List<String> notes = Collections.nCopies(tables.size() + 2, "x".repeat(PER_NOTE));
    return text(original, "0".repeat(64), request, tables, differences, notes).length;
  }

  static void write(
      Path original,
      CompressionRequest request,
      List<ModelCompressor.Compressed> tables,
      List<ModelComparison.Difference> differences,
      List<String> notes,
      Path target)
      throws IOException {
    byte[] text =
        text(original, AtomicFiles.checksum(original), request, tables, differences, notes);
    AtomicFiles.write(target.resolve(JSON), text);
  }

  private static byte[] text(
      Path original,
      String checksum,
      CompressionRequest request,
      List<ModelCompressor.Compressed> tables,
      List<ModelComparison.Difference> differences,
      List<String> notes) {
    Map<String, Object> card = new LinkedHashMap<>();
    card.put("made_by", "lowrank compress");
    Map<String, Object> from = new LinkedHashMap<>();
    from.put("sha256", checksum);
    Path former = original.resolve(JSON);
    if (Files.isRegularFile(former)) {
      from.put("model_card", read(former));
    }
    card.put("original", from);
    card.put("bits", request.bits());
    request
        .retraining()
        .ifPresent(
            r -> {
              Map<String, Object> retraining = new LinkedHashMap<>();
              retraining.put("texts", r.texts().size());
              retraining.put("labels", !r.labels().isEmpty());
              retraining.put("steps", r.steps());
              retraining.put("seed", r.seed());
              card.put("retraining", retraining);
            });
    List<Object> compressed = new ArrayList<>();
    for (ModelCompressor.Compressed c : tables) {
      Map<String, Object> table = new LinkedHashMap<>();
      table.put("name", c.table().name());
      table.put("shape", List.of(c.table().rows(), c.table().columns()));
      table.put("rank", c.rank());
      table.put("relative_error_before_retraining", c.relativeError());
      table.put("parameters", c.parameters());
      table.put("bytes", c.bytes());
      compressed.add(table);
    }
    card.put("tables", compressed);
    List<Object> outputs = new ArrayList<>();
    for (ModelComparison.Difference d : differences) {
      if (d.note().isEmpty()) {
        Map<String, Object> output = new LinkedHashMap<>();
        output.put("signature", d.signature());
        output.put("output", d.output());
        output.put("inputs", d.random() ? "random" : "texts");
        output.put("count", d.inputs());
        output.put("largest_difference", finite(d.largest()));
        output.put("relative_difference", finite(d.relative()));
        output.put("same_most_likely_class", finite(d.agreement()));
        outputs.add(output);
      }
    }
    card.put("outputs", outputs);
    card.put("notes", notes);
    return Json.pretty(card).getBytes(StandardCharsets.UTF_8);
  }

  /** Somebody else's file may be anything. */
  private static Object read(Path card) {
    try {
      return Json.read(card, Map.class);
    } catch (IOException e) {
      return "unreadable";
    }
  }

  private static Object finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
