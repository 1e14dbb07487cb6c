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
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Trains one classifier for use: searches the rate, tries methods from the largest to the smallest
 * model, and keeps the model of the one that is chosen.
 */
public final class TrainRun {
  private final Experiment experiment;
  private final int seed;
  private final TaskRunner runner;
  private final Store store;
  private final Search search;
  private final RunListener listener;
  private final BiConsumer<Method, Row> tried;

  private TrainRun(
      Experiment experiment,
      int seed,
      Prepared data,
      DataRoot root,
      Store store,
      RunListener listener,
      BiConsumer<Method, Row> tried) {
    this.experiment = experiment;
    this.seed = seed;
    this.store = store;
    this.search = new Search(experiment);
    this.runner = new TaskRunner(store, root, listener, data);
    this.listener = listener;
    this.tried = tried;
  }

  /** Which methods are worth training. */
  public interface Candidates {
    /**
     * Chooses, before anything is trained.
     *
     * @param methods from large to small
     * @param bytes the size of a method's SavedModel, computed on demand
     * @return at least one of them, in the same order
     */
    List<Method> select(List<Method> methods, Size bytes) throws IOException;
  }

  /** The size of a method's SavedModel. */
  public interface Size {
    /** Bytes of the SavedModel of {@code method}. */
    long of(Method method) throws IOException;
  }

  /** How the method is chosen; the methods of an experiment are ordered from large to small. */
  public interface Choice {
    /**
     * Chooses a method.
     *
     * @param methods to try, in whatever order
     * @param result the result of a method, computed on demand
     */
    Row choose(List<Method> methods, Function<Method, Row> result) throws IOException;
  }

  /** Completes the chosen model before it appears. */
  public interface Finish {
    /** Adds files to the folder {@code model}. */
    void finish(Row chosen, Path model) throws IOException;
  }

  /**
   * Trains into {@code out}, which appears when everything is done.
   *
   * @param dataset the experiment's data set, loaded
   * @param candidates are selected before anything is trained
   * @param tried is called for each method that was tried
   */
  public static void run(
      Experiment experiment,
      Dataset dataset,
      int seed,
      DataRoot root,
      Path out,
      RunListener listener,
      Candidates candidates,
      BiConsumer<Method, Row> tried,
      Choice choice,
      Finish finish)
      throws IOException {
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
              candidates.select(
                  experiment.methods(),
                  method -> new Sizing(experiment.trial(method, seed, 1), data).bytes(work)));
      Store store = new Store(work);
      try (FolderLock lock = store.open(selected, Store.Existing.REFUSE, listener)) {
        TrainRun run = new TrainRun(selected, seed, data, root, store, listener, tried);
        Row chosen = run.choose(choice);
        Path model = store.model(chosen.trial());
        finish.finish(chosen, model);
        AtomicFiles.move(model, out);
      }
    }
  }

  private Row choose(Choice choice) throws IOException {
    for (Task task : search.tasks()) {
      runner.run(task);
    }
    search.finish(runner, listener);
    return choice.choose(experiment.methods(), this::result);
  }

  private Row result(Method method) {
    try {
      TrialResult result =
          runner.result(experiment.trial(method, seed, search.rate(method)), experiment.name());
      tried.accept(method, result.row());
      return result.row();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
