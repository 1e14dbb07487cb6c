package io.github.lowrank.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** SavedModels that Keras and TensorFlow wrote in Python, with what they answered there. */
final class ForeignModels {
  private ForeignModels() {}

  /** Unpacks {@code name}, made by make_models.py, below {@code folder}. */
  static Path unpack(String name, Path folder) throws IOException {
    Path model = folder.resolve(name);
    try (InputStream in = ForeignModels.class.getResourceAsStream("/foreign/" + name + ".zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = model.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
    return model;
  }

  static MetaGraphDef meta(Path model) throws IOException {
    return SavedModel.parseFrom(Files.readAllBytes(model.resolve("saved_model.pb")))
        .getMetaGraphs(0);
  }

  /** How far the outputs of a model are from recorded answers. */
  record Compared(double largest, double relative, double agreement) {}

  /** Runs {@code model} on the inputs of {@code original}'s answers.json, and compares. */
  static Compared compare(Path original, Path model) throws IOException {
    JsonNode answers = new ObjectMapper().readTree(original.resolve("answers.json").toFile());
    double largest = 0;
    double squares = 0;
    double all = 0;
    int rows = 0;
    int same = 0;
    try (SavedModelBundle bundle = SavedModelBundle.load(model.toString(), "serve")) {
      SignatureDef signature =
          bundle.metaGraphDef().getSignatureDefOrThrow(answers.get("signature").asText());
      Map<String, Tensor> inputs = new TreeMap<>();
      if (answers.has("input")) {
        TensorInfo info = signature.getInputsOrThrow(answers.get("input").asText());
        inputs.put(info.getName(), tensor(info, answers.get("texts")));
      } else {
        for (Map.Entry<String, JsonNode> input : answers.get("inputs").properties()) {
          TensorInfo info = signature.getInputsOrThrow(input.getKey());
          inputs.put(info.getName(), tensor(info, input.getValue()));
        }
      }
      for (Map.Entry<String, JsonNode> output : answers.get("outputs").properties()) {
        Session.Runner runner = bundle.session().runner();
        inputs.forEach(runner::feed);
        try (Result result =
            runner.fetch(signature.getOutputsOrThrow(output.getKey()).getName()).run()) {
          TFloat32 tensor = (TFloat32) result.get(0);
          float[] found = new float[Math.toIntExact(tensor.size())];
          tensor.copyTo(DataBuffers.of(found));
          List<Double> expected = new ArrayList<>();
          flatten(output.getValue(), expected);
          for (int i = 0; i < found.length; i++) {
            double d = expected.get(i) - found[i];
            largest = Math.max(largest, Math.abs(d));
            squares += d * d;
            all += expected.get(i) * expected.get(i);
          }
          int columns = output.getValue().get(0).isArray() ? output.getValue().get(0).size() : 1;
          for (int i = 0; columns > 1 && i < found.length; i += columns) {
            int was = 0;
            int is = 0;
            for (int j = 0; j < columns; j++) {
              was = expected.get(i + j) > expected.get(i + was) ? j : was;
              is = found[i + j] > found[i + is] ? j : is;
            }
            rows++;
            same += was == is ? 1 : 0;
          }
        }
      }
      inputs.values().forEach(Tensor::close);
    }
    return new Compared(
        largest, Math.sqrt(squares / all), rows == 0 ? Double.NaN : (double) same / rows);
  }

  private static void flatten(JsonNode node, List<Double> numbers) {
    if (node.isArray()) {
      node.forEach(n -> flatten(n, numbers));
    } else {
      numbers.add(node.asDouble());
    }
  }

  private static Tensor tensor(TensorInfo info, JsonNode values) {
    Shape shape =
        values.get(0).isArray()
            ? Shape.of(values.size(), values.get(0).size())
            : Shape.of(values.size());
    if (values.get(0).isTextual()) {
      List<String> texts = new ArrayList<>();
      values.forEach(v -> texts.add(v.asText()));
      return TString.tensorOf(NdArrays.vectorOfObjects(texts.toArray(new String[0])));
    }
    List<Double> numbers = new ArrayList<>();
    flatten(values, numbers);
    return switch (info.getDtype()) {
      case DT_INT64 ->
          TInt64.tensorOf(
              shape, DataBuffers.of(numbers.stream().mapToLong(Double::longValue).toArray()));
      case DT_INT32 ->
          TInt32.tensorOf(
              shape, DataBuffers.of(numbers.stream().mapToInt(Double::intValue).toArray()));
      default -> throw new IllegalArgumentException("an input of type " + info.getDtype());
    };
  }
}
