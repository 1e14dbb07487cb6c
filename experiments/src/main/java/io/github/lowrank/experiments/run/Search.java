package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.Train;
import io.github.lowrank.experiments.spec.TrialSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The search for the learning rates of an experiment. A method with its own rates is searched with
 * all its steps; the others share the rate that is best on dev, after half of the budget, for the
 * uncompressed classifier. The score of a rate is the mean over three seeds that no trial uses; an
 * experiment with a single seed is a first look, and searches with one. Ties go to the smallest
 * rate.
 */
final class Search {
  private static final List<Integer> SEEDS = List.of(1001, 1002, 1003);

  /** Key of all methods without their own rates. */
  static final String ALL = "rate";

  private final Experiment experiment;
  private final Map<String, Found> found = new LinkedHashMap<>();

  /**
   * The result of a search.
   *
   * @param best the best rate
   * @param devAccuracy dev accuracy by rate
   */
  record Found(double best, Map<String, Double> devAccuracy) {}

  Search(Experiment experiment) {
    this.experiment = experiment;
  }

  private static String key(Method method) {
    return method.rates().isEmpty() ? ALL : method.id();
  }

  private List<Double> rates(Method method) {
    return method.rates().isEmpty() ? experiment.plan().rates() : method.rates();
  }

  private List<TrialSpec> searched(Method method, double rate) {
    Method steps = method.rates().isEmpty() ? new Method(ALL, new Train(0.5)) : method;
    return SEEDS.subList(0, experiment.seeds() == 1 ? 1 : SEEDS.size()).stream()
        .map(seed -> experiment.trial(steps, seed, rate))
        .toList();
  }

  /**
   * Groups of methods whose steps are the same up to the first training, the largest group first.
   */
  static List<List<Method>> groups(List<Method> methods) {
    Map<List<Step>, List<Method>> groups = new LinkedHashMap<>();
    for (Method method : methods) {
      int first = 0;
      while (first < method.steps().size() && !method.steps().get(first).trains()) {
        first++;
      }
      groups
          .computeIfAbsent(
              method.steps().subList(0, Math.min(first + 1, method.steps().size())),
              p -> new ArrayList<>())
          .add(method);
    }
    List<List<Method>> sorted = new ArrayList<>(groups.values());
    sorted.sort((a, b) -> Integer.compare(b.size(), a.size()));
    return sorted;
  }

  /**
   * The trainings of the search: each rate with each group of methods that begin with the same
   * steps.
   */
  List<Task> tasks() {
    Map<String, Map<String, TrialSpec>> tasks = new LinkedHashMap<>();
    for (List<Method> group : groups(experiment.methods())) {
      for (Method method : group) {
        List<Double> rates = rates(method);
        for (double rate : rates.size() > 1 ? rates : List.<Double>of()) {
          for (TrialSpec trial : searched(method, rate)) {
            String name =
                "search-%s-%s-seed%d"
                    .formatted(
                        method.rates().isEmpty() ? ALL : group.get(0).id(), rate, trial.seed());
            tasks.computeIfAbsent(name, n -> new LinkedHashMap<>()).put(trial.id(), trial);
          }
        }
      }
    }
    List<Task> all = new ArrayList<>();
    tasks.forEach(
        (name, trials) ->
            all.add(new Task(name, experiment.name(), true, List.copyOf(trials.values()))));
    return all;
  }

  /** Reads the scores of {@link #tasks} from the store. */
  void finish(TaskRunner runner, RunListener listener) throws IOException {
    for (Method method : experiment.methods()) {
      List<Double> rates = rates(method);
      if (rates.size() == 1 || found.containsKey(key(method))) {
        continue;
      }
      Map<String, Double> scores = new LinkedHashMap<>();
      double best = rates.get(0);
      for (double rate : rates) {
        double sum = 0;
        List<TrialSpec> trials = searched(method, rate);
        for (TrialSpec trial : trials) {
          sum += runner.score(trial);
        }
        scores.put(Double.toString(rate), sum / trials.size());
        if (scores.get(Double.toString(rate)) > scores.get(Double.toString(best))) {
          best = rate;
        }
      }
      found.put(key(method), new Found(best, scores));
      listener.log("%s: learning rate %s by dev accuracy %s".formatted(key(method), best, scores));
    }
  }

  /** The rate of a method; before the search has ended, its first rate. */
  double rate(Method method) {
    Found known = found.get(key(method));
    return known == null ? rates(method).get(0) : known.best();
  }

  /** The results, by method. */
  Map<String, Found> found() {
    return found;
  }

  /** The trials of all seeds, in groups that share their first steps. */
  List<Task> trialTasks() {
    List<Task> tasks = new ArrayList<>();
    for (int seed = 1; seed <= experiment.seeds(); seed++) {
      int s = seed;
      for (List<Method> group : groups(experiment.methods())) {
        tasks.add(
            new Task(
                "trials-%s-seed%d".formatted(group.get(0).id(), seed),
                experiment.name(),
                false,
                group.stream().map(m -> experiment.trial(m, s, rate(m))).toList()));
      }
    }
    return tasks;
  }

  /**
   * Number of steps of each training, including those of the search, by the identity of its result.
   */
  Map<String, Long> trainings() {
    Map<String, Long> steps = new LinkedHashMap<>();
    List<Task> tasks = new ArrayList<>(tasks());
    tasks.addAll(trialTasks());
    for (Task task : tasks) {
      for (TrialSpec trial : task.trials()) {
        List<Step> all = trial.method().steps();
        for (int i = 0; i < all.size(); i++) {
          if (all.get(i).trains()) {
            steps.put(
                trial.id(i + 1), trial.plan().steps(all.get(i).share() + all.get(i).beside()));
          }
        }
      }
    }
    return steps;
  }

  /** The trials of one seed in the order of the methods. */
  List<TrialSpec> trials(int seed) {
    return experiment.methods().stream().map(m -> experiment.trial(m, seed, rate(m))).toList();
  }
}
