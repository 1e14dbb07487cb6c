package io.github.lowrank.export;

import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.predictor.ClassMeans;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.predictor.Space;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of prototypes, a SavedModel or a compact file, whose classes are changed without
 * training:
 *
 * <pre>{@code
 * try (PrototypeModel model = PrototypeModel.load(path, false)) {
 *   ClassMeans more = model.classes().add("refund", model.points(texts));
 *   model.write(more, path);
 * }
 * }</pre>
 */
public interface PrototypeModel extends AutoCloseable {
  /** The classes of the file. */
  ClassMeans classes();

  /** The points of the texts that have a known word. */
  List<float[]> points(List<String> texts);

  /** Writes or replaces {@code out} by this model with other classes. */
  void write(ClassMeans classes, Path out) throws IOException;

  @Override
  void close();

  /**
   * Loads a model.
   *
   * @param trusted whether a SavedModel may run whatever ops it has
   * @throws IOException if it has no prototypes
   */
  static PrototypeModel load(Path model, boolean trusted) throws IOException {
    return Files.isDirectory(model) ? new Folder(model, trusted) : new File(model);
  }

  /** Says what is missing. */
  private static IOException noPrototypes(Path model) {
    return new IOException(
        "%s has no prototypes: expected a model of lowrank train --head prototypes"
            .formatted(model));
  }

  /** A compact file. */
  final class File implements PrototypeModel {
    private final Predictor predictor;

    private File(Path file) throws IOException {
      predictor = Predictor.load(file);
      if (predictor.classes().isEmpty()) {
        throw noPrototypes(file);
      }
    }

    @Override
    public ClassMeans classes() {
      return predictor.classes().orElseThrow();
    }

    @Override
    public List<float[]> points(List<String> texts) {
      return texts.stream().flatMap(text -> predictor.point(text).stream()).toList();
    }

    @Override
    public void write(ClassMeans classes, Path out) throws IOException {
      AtomicFiles.write(out, predictor.with(classes).toBytes());
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  /** A SavedModel. */
  final class Folder implements PrototypeModel {
    private static final String CARD = "model-card.json";
    private static final String TEXT = "model-card.md";
    private static final String CHANGED =
        "\nThe labels were changed after these scores, without training. They are now: ";

    private final Path directory;
    private final ClassifierDescription description;
    private final TextClassifier classifier;
    private final Space space;
    private final ClassMeans classes;

    private Folder(Path directory, boolean trusted) throws IOException {
      this.directory = directory;
      classifier = TextClassifier.load(directory, trusted);
      try {
        description = ClassifierDescription.read(directory, trusted);
        space = description.head().space().orElseThrow(() -> noPrototypes(directory));
      } catch (IOException | RuntimeException e) {
        classifier.close();
        throw e;
      }
      classes = Prototypes.means(classifier.labels(), description.weights());
    }

    @Override
    public ClassMeans classes() {
      return classes;
    }

    @Override
    public List<float[]> points(List<String> texts) {
      List<Boolean> known = classifier.known(texts);
      List<float[]> vectors = classifier.vectors(texts);
      List<float[]> points = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        if (known.get(i)) {
          points.add(space.lift(vectors.get(i)));
        }
      }
      return points;
    }

    @Override
    public void write(ClassMeans changed, Path out) throws IOException {
      Map<String, Weight> weights = new LinkedHashMap<>(description.weights());
      weights.putAll(FloatWeight.all(Prototypes.state(changed)));
      Classifier relabelled =
          new Classifier(
              description.encoder(),
              description.head(),
              description.table(),
              weights,
              changed.labels().size());
      List<Double> prior = new ArrayList<>();
      for (float share : changed.prior()) {
        prior.add((double) share);
      }
      SavedModelWriter.write(
          new TextModel(
              relabelled,
              description.tokenizer(),
              Vocabulary.ofRows(CompactFile.words(directory)),
              changed.labels(),
              prior,
              description.maxLength()),
          out,
          part -> cards(changed.labels(), part));
    }

    /** The model card, whose labels are the new ones and whose scores are of the old ones. */
    private void cards(List<String> labels, Path part) throws IOException {
      if (Files.exists(directory.resolve(CARD))) {
        @SuppressWarnings("unchecked")
        Map<String, Object> facts =
            new LinkedHashMap<>(Json.read(directory.resolve(CARD), LinkedHashMap.class));
        facts.put("labels", labels);
        facts.put("labels_changed", "after training: the scores are of the labels at that time");
        AtomicFiles.write(part.resolve(CARD), Json.pretty(facts));
      }
      if (Files.exists(directory.resolve(TEXT))) {
        String card = Files.readString(directory.resolve(TEXT));
        int before = card.indexOf(CHANGED); // of an earlier change
        AtomicFiles.write(
            part.resolve(TEXT),
            (before < 0 ? card : card.substring(0, before))
                + CHANGED
                + String.join(", ", labels).replaceAll("\\p{Cntrl}", " ")
                + ".\n");
      }
    }

    @Override
    public void close() {
      classifier.close();
    }
  }
}
