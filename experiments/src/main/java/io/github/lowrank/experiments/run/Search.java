package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.Train;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The search for the learning rates of an experiment, and for the schedules of later trainings if
 * the plan has some to choose from. A method with several rates is searched up to its last
 * training, so a trained model and all that is only stored differently afterwards share the search;
 * the other methods share the rate that is best on dev, after half of the budget, for the
 * uncompressed classifier. The score of a setting is the mean over three seeds that no trial uses;
 * an experiment with a single seed is a first look, and searches with one. Ties go to what was
 * tried first: the smallest rate of the plan.
 *
 * <p>All rates are tried with the plan's later schedule. With schedules to choose from the search
 * goes on from the best setting: all schedules at its rate, and the next rates above and below with
 * its schedule, until none of these is better. Every method so has the same chance, and no best
 * rate is the highest or lowest that was tried.
 */
final class Search {
  private static final List<Integer> SEEDS = List.of(1001, 1002, 1003);
  private static final double LOWEST = 1e-6;
  private static final double HIGHEST = 100;

  /** Key of all methods without their own rates. */
  static final String ALL = "rate";

  private final Experiment experiment;
  private final Map<Map.Entry<List<Step>, List<Double>>, Searched> searches = new LinkedHashMap<>();
  private Outline outline; // null when a score has changed it

  /**
   * What is to be done, as far as it is known.
   *
   * @param trainings by the identity of their results
   * @param trials the trials
   */
  record Outline(Map<String, Training> trainings, Map<String, TrialSpec> trials) {}

  /**
   * A training.
   *
   * @param steps number of its steps
   * @param trials identities of the trials, of the search too, that it is a part of
   */
  record Training(long steps, Set<String> trials) {}

  /** What is searched for. */
  private record Setting(double rate, Shape later) {}

  /**
   * The result of a search.
   *
   * @param best the best rate
   * @param later name of the best schedule, if there was a choice
   * @param devAccuracy dev accuracy by rate, and schedule if there was a choice
   */
  record Found(
      double best,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) String later,
      Map<String, Double> devAccuracy) {}

  /** A search for methods with the same rates that are the same up to their last training. */
  private final class Searched {
    private final String name;
    private final Method method;
    private final List<Double> rates;
    private final boolean chooses;
    private final Map<Setting, Double> scores = new LinkedHashMap<>();

    private Searched(Method first) {
      boolean own = !first.rates().isEmpty();
      name = own ? first.id() : ALL;
      method = own ? upToLastTraining(first) : new Method(ALL, new Train(0.5));
      rates = own ? first.rates() : experiment.plan().rates();
      chooses = own && rates.size() > 1 && !experiment.plan().laters().isEmpty();
    }

    private Setting best() {
      Setting best = null;
      for (Setting tried : scores.keySet()) {
        best = best == null || scores.get(tried) > scores.get(best) ? tried : best;
      }
      return best == null ? new Setting(rates.get(0), experiment.plan().later()) : best;
    }

    /** The settings that are still to be tried before {@link #best} is the result. */
    private List<Setting> wanted() {
      List<Setting> wanted = new ArrayList<>();
      if (scores.isEmpty()) {
        for (double rate : rates) {
          wanted.add(new Setting(rate, experiment.plan().later()));
        }
        return wanted.size() > 1 || chooses ? wanted : List.of();
      }
      if (chooses) {
        Setting best = best();
        if (retrains()) {
          experiment.plan().laters().forEach(l -> wanted.add(new Setting(best.rate, l)));
        }
        wanted.add(new Setting(Math.max(LOWEST, next(best.rate, false)), best.later));
        wanted.add(new Setting(Math.min(HIGHEST, next(best.rate, true)), best.later));
      }
      wanted.removeAll(scores.keySet());
      return wanted;
    }

    private boolean retrains() {
      return method.steps().stream().filter(Step::trains).skip(1).anyMatch(Step::usesPlan);
    }

    private List<TrialSpec> trials(Setting setting) {
      return SEEDS.subList(0, experiment.seeds() == 1 ? 1 : SEEDS.size()).stream()
          .map(seed -> experiment.trial(method, seed, setting.rate, setting.later))
          .toList();
    }

    /** Name of the best schedule, if there was a choice. */
    private Optional<String> later() {
      return scores.isEmpty() || !chooses || !retrains()
          ? Optional.empty()
          : Optional.of(best().later.name());
    }

    private Found found() {
      Map<String, Double> named = new LinkedHashMap<>();
      scores.forEach(
          (s, score) -> named.put(chooses ? s.rate + " " + s.later.name() : "" + s.rate, score));
      return new Found(best().rate, later().orElse(""), named);
    }
  }

  Search(Experiment experiment) {
    this.experiment = experiment;
    experiment.methods().forEach(m -> searches.computeIfAbsent(key(m), k -> new Searched(m)));
  }

  private static Map.Entry<List<Step>, List<Double>> key(Method method) {
    return Map.entry(
        method.rates().isEmpty() ? List.of() : upToLastTraining(method).steps(), method.rates());
  }

  private static Method upToLastTraining(Method method) {
    int end = method.steps().size();
    while (end > 1 && !method.steps().get(end - 1).trains()) {
      end--;
    }
    return new Method(method.name(), method.steps().subList(0, end), List.of());
  }

  /** The next of 1, 3, 10, 30, ... times a power of ten, roughly. */
  private static double next(double rate, boolean up) {
    double power = Math.pow(10, Math.floor(Math.log10(rate) + 1e-9));
    boolean three = rate / power > 2;
    double other = up ? (three ? 10 : 3) : three ? 1 : 0.3;
    return Double.parseDouble("%.0e".formatted(other * power));
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
   * The next trainings of the search, as far as they follow from the scores that are known: each
   * rate and seed with each group of methods that begin with the same steps. None are left when the
   * search has ended.
   */
  List<Task> tasks() {
    Map<String, Map<String, TrialSpec>> tasks = new LinkedHashMap<>();
    for (List<Method> group : groups(experiment.methods())) {
      for (Method method : group) {
        Searched searched = searches.get(key(method));
        for (Setting setting : searched.wanted()) {
          for (TrialSpec trial : searched.trials(setting)) {
            String name =
                "search-%s-%s-seed%d"
                    .formatted(
                        method.rates().isEmpty() ? ALL : group.get(0).id(),
                        setting.rate,
                        trial.seed());
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

  /** Executes all trainings of the search and logs its results. */
  void run(Executor executor, Executor.Context context, RunListener listener) throws IOException {
    for (List<Task> tasks = tasks(); !tasks.isEmpty(); tasks = tasks()) {
      executor.run(tasks, context);
      for (Searched searched : searches.values()) {
        for (Setting setting : searched.wanted()) {
          double sum = 0;
          List<TrialSpec> trials = searched.trials(setting);
          for (TrialSpec trial : trials) {
            sum += context.runner().score(trial);
          }
          searched.scores.put(setting, sum / trials.size());
          outline = null;
        }
      }
    }
    found()
        .forEach(
            (name, found) ->
                listener.log(
                    "%s: learning rate %s%s by dev accuracy %s"
                        .formatted(
                            name,
                            found.best,
                            found.later.isEmpty() ? "" : " and " + found.later,
                            found.devAccuracy)));
  }

  /** The results, by method; of methods that share a search by the first of them. */
  Map<String, Found> found() {
    return searches.values().stream()
        .filter(s -> !s.scores.isEmpty())
        .collect(Collectors.toMap(s -> s.name, Searched::found, (a, b) -> a, LinkedHashMap::new));
  }

  /** The trial of a method; before the search has ended, with its first rate. */
  TrialSpec trial(Method method, int seed) {
    Setting best = searches.get(key(method)).best();
    return experiment.trial(method, seed, best.rate, best.later);
  }

  /**
   * Name of the schedule that was chosen for the later trainings of a method, if there was a
   * choice.
   */
  Optional<String> later(Method method) {
    return searches.get(key(method)).later();
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
                group.stream().map(m -> trial(m, s)).toList()));
      }
    }
    return tasks;
  }

  /** All trainings and trials, including those of the search that are known to be needed. */
  Outline outline() {
    if (outline == null) {
      outline = outlined();
    }
    return outline;
  }

  private Outline outlined() {
    List<TrialSpec> trials = new ArrayList<>();
    searches
        .values()
        .forEach(
            searched -> {
              searched.scores.keySet().forEach(s -> trials.addAll(searched.trials(s)));
              searched.wanted().forEach(s -> trials.addAll(searched.trials(s)));
            });
    Map<String, TrialSpec> results = new LinkedHashMap<>();
    trialTasks().forEach(task -> task.trials().forEach(t -> results.put(t.id(), t)));
    trials.addAll(results.values());
    Map<String, Training> trainings = new LinkedHashMap<>();
    for (TrialSpec trial : trials) {
      List<Step> all = trial.method().steps();
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).trains()) {
          long steps = trial.plan().steps(all.get(i).share() + all.get(i).beside());
          trainings
              .computeIfAbsent(trial.id(i + 1), id -> new Training(steps, new HashSet<>()))
              .trials()
              .add(trial.id());
        }
      }
    }
    return new Outline(trainings, results);
  }

  /** The trials of one seed in the order of the methods. */
  List<TrialSpec> trials(int seed) {
    return experiment.methods().stream().map(m -> trial(m, seed)).toList();
  }
}
