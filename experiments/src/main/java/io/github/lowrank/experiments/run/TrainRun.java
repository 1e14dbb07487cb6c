package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.FolderLock;
import io.github.lowrank.io.Unfinished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Trains one classifier for use: searches the rate, tries methods from the largest to the smallest
 * model, and keeps the model of the one that is chosen.
 *
 * @param experiment its methods are ordered from large to small
 * @param dataset the experiment's data set, loaded
 */
public record TrainRun(
    Experiment experiment, Dataset dataset, int seed, DataRoot root, RunListener listener) {

  /** The size of a method's model. */
  public interface Size {
    /** Bytes of the model of {@code method}. */
    long of(Method method) throws IOException;
  }

  /** How the method is chosen. By default all are trained, and the best on dev is taken. */
  public interface Selection {
    /** The size of a SavedModel in the form in which it is going to be used. */
    default long bytes(Path savedModel) throws IOException {
      return AtomicFiles.size(savedModel);
    }

    /**
     * Which methods are worth training, before anything is trained.
     *
     * @param methods from large to small
     * @param bytes the size of a method's model, computed on demand
     * @return at least one, in the same order
     */
    default List<Method> candidates(List<Method> methods, Size bytes) throws IOException {
      return methods;
    }

    /** A method was tried. */
    default void tried(Method method, TrialResult result) {}

    /**
     * Chooses a method.
     *
     * @param methods to try, in whatever order
     * @param result the result of a method, computed on demand
     */
    default Row choose(List<Method> methods, Function<Method, Row> result) throws IOException {
      return methods.stream()
          .map(result)
          .reduce((a, b) -> b.devAccuracy() > a.devAccuracy() ? b : a)
          .orElseThrow();
    }
  }

  /** Trains into {@code out}, a SavedModel that appears when everything is done. */
  public Row into(Path out, Selection selection) throws IOException {
    Prepared data =
        Prepared.of(
            Prepared.Request.of(experiment.trial(experiment.methods().get(0), seed, 1)),
            dataset,
            root,
            listener);
    Path parent = out.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path work = Files.createTempDirectory(parent, "." + out.getFileName() + ".");
    try (Unfinished unfinished = Unfinished.of(work)) {
      Experiment selected =
          experiment.withMethods(
              selection.candidates(
                  experiment.methods(),
                  method ->
                      new Sizing(experiment.trial(method, seed, 1), data)
                          .bytes(work, selection::bytes)));
      Store store = new Store(work);
      try (FolderLock lock = store.open(selected, Store.Existing.REFUSE, listener)) {
        TaskRunner runner = new TaskRunner(store, root, listener, data);
        Search search = new Search(selected);
        search.run(Executor.here(), new Executor.Context(store, root, runner, () -> {}), listener);
        Row chosen =
            selection.choose(
                selected.methods(),
                method -> {
                  TrialResult result = result(selected.name(), method, search, runner);
                  selection.tried(method, result);
                  return result.row();
                });
        if (chosen.number(TrialResult.DIVERGED).isPresent()) {
          throw new ArithmeticException(
              "the training diverged at step %.0f: the learning rate %s may be too high"
                  .formatted(
                      chosen.number(TrialResult.DIVERGED).getAsDouble(),
                      chosen.training().learningRate()));
        }
        AtomicFiles.move(store.model(chosen.trial()), out);
        return chosen;
      }
    }
  }

  private TrialResult result(String name, Method method, Search search, TaskRunner runner) {
    try {
      return runner.result(search.trial(method, seed), name);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
