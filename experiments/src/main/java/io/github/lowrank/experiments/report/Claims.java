package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The paper's four claims and two of ours, judged by the rows of all runs. A run takes part by the
 * name of its folder.
 *
 * <p>Two families are corrected by Holm's method: the cells of a claim that carry its verdict, and
 * the tests of all claims over data sets. A claim with several rivals, which has to be ahead of
 * each, is judged by the one that it is least ahead of (an intersection-union test, which needs no
 * correction; that it does not hold needs one).
 */
final class Claims {
  private static final double MARGIN = 0.01;
  private static final double REMOVED = 0.9;
  private static final List<Double> OTHERS = List.of(0.8, 0.95, 0.98, 0.99);
  private static final List<String> RIVALS =
      List.of("offline", "offline-rows", "fixed-point", "rounded", "quantization-aware");

  /** The paper's comparison without a search, which is only shown. */
  static final String UNTUNED = "calr-untuned-";

  private static final String ONE_PERCENT = "online-quantization-aware-taught";

  private final Map<String, Run> runs;

  private Claims(Map<String, Run> runs) {
    this.runs = runs;
  }

  /**
   * Judges the claims.
   *
   * @param runs by the path of their folder
   */
  static List<Claim> of(Map<String, Run> runs) {
    Claims claims = new Claims(runs);
    return overall(
        List.of(
            claims.removed(),
            claims.ahead(),
            claims.latency(),
            claims.schedules(),
            claims.onePercent(),
            claims.through()));
  }

  /** A claim whose cells are not corrected yet. */
  private static final class Draft {
    private final String id;
    private final String sentence;
    private final double margin;
    private final String unit;
    private final List<Cell> cells = new ArrayList<>();
    private final List<String> groups = new ArrayList<>(); // of the cells; null: only shown

    Draft(String id, String sentence, double margin, String unit) {
      this.id = id;
      this.sentence = sentence;
      this.margin = margin;
      this.unit = unit;
    }

    /**
     * Adds a cell.
     *
     * @param group of cells that the claim has to hold for together; null if it is only shown
     */
    void add(
        Map.Entry<String, Run> run,
        Summary method,
        String rival,
        int seeds,
        int texts,
        Effect effect,
        double bytesRatio,
        String group) {
      Summary.Interval interval = effect.interval();
      cells.add(
          new Cell(
              run.getValue().id().dataset(),
              run.getValue().id().model(),
              run.getKey(),
              method.label(),
              rival,
              seeds,
              texts,
              effect.mean(),
              effect.mean() - interval.halfWidth(),
              effect.mean() + interval.halfWidth(),
              effect.p(-margin),
              Double.NaN,
              effect.detectable(),
              bytesRatio,
              Cell.NOT_SHOWN));
      groups.add(group);
    }

    /** Adds the accuracy of a method against that of a rival. */
    void add(Map.Entry<String, Run> run, Summary method, Summary rival) {
      add(run, method, rival, "");
    }

    void add(Map.Entry<String, Run> run, Summary method, Summary rival, String group) {
      double bytesRatio = rival.mean(Row::embeddingBytes) / method.mean(Row::embeddingBytes);
      add(run, method, rival.label(), Map.of(rival, 1.0), bytesRatio, group);
    }

    /** Adds the accuracy of a method against that of a mixture of rivals. */
    void add(
        Map.Entry<String, Run> run,
        Summary method,
        String rival,
        Map<Summary, Double> rivals,
        double bytesRatio,
        String group) {
      Effect gain = run.getValue().gain(method, rivals);
      add(
          run,
          method,
          rival,
          Run.seeds(method, rivals.keySet()).size(),
          run.getValue().texts(),
          // An interval over seeds alone would be too short.
          run.getValue().answered() ? gain : Effect.untested(gain.mean()),
          bytesRatio,
          group);
    }

    /** The cells that carry the verdict; those without a test only if all are. */
    Map<String, List<Cell>> byGroup() {
      boolean untested = cells.stream().allMatch(c -> Double.isNaN(c.p()));
      Map<String, List<Cell>> byGroup = new LinkedHashMap<>();
      for (int i = 0; i < cells.size(); i++) {
        if (groups.get(i) != null && (untested || !Double.isNaN(cells.get(i).p()))) {
          byGroup.computeIfAbsent(groups.get(i), g -> new ArrayList<>()).add(cells.get(i));
        }
      }
      return byGroup;
    }

    Claim claim(Overall overall) {
      Map<Integer, Double> p = new LinkedHashMap<>();
      for (int i = 0; i < cells.size(); i++) {
        if (groups.get(i) != null && !Double.isNaN(cells.get(i).p())) {
          p.put(i, cells.get(i).p());
        }
      }
      Map<Integer, Double> adjusted = Holm.adjusted(p);
      List<Cell> corrected = new ArrayList<>();
      for (int i = 0; i < cells.size(); i++) {
        Cell cell = cells.get(i);
        double own = adjusted.getOrDefault(i, Double.NaN);
        corrected.add(
            cell.corrected(
                own,
                groups.get(i) == null ? Cell.ONLY_SHOWN : verdict(cell.effect(), -margin, own)));
      }
      Claim.Kind kind = margin > 0 ? Claim.Kind.NON_INFERIORITY : Claim.Kind.SUPERIORITY;
      return new Claim(id, sentence, kind, margin, unit, corrected, overall);
    }
  }

  /** Whether {@code effect} is above {@code bound}. */
  static String verdict(double effect, double bound, double p) {
    if (!(p < Effect.LEVEL)) {
      return Cell.NOT_SHOWN;
    }
    return effect > bound ? Cell.HOLDS : Cell.DOES_NOT_HOLD;
  }

  private static List<Claim> overall(List<Draft> drafts) {
    Map<String, Overall> tested = new LinkedHashMap<>();
    Map<String, Double> p = new LinkedHashMap<>();
    for (Draft draft : drafts) {
      Overall overall =
          weakest(draft.byGroup().values().stream().map(Datasets::of).toList(), -draft.margin);
      tested.put(draft.id, overall);
      if (!Double.isNaN(overall.p())) {
        p.put(draft.id, overall.p());
      }
    }
    Map<String, Double> adjusted = Holm.adjusted(p);
    List<Claim> claims = new ArrayList<>();
    for (Draft draft : drafts) {
      Overall o = tested.get(draft.id);
      double own = adjusted.getOrDefault(draft.id, Double.NaN);
      double bound = -draft.margin;
      boolean excluded = o.low() > bound || o.high() < bound;
      claims.add(
          draft.claim(
              new Overall(
                  o.datasets(),
                  o.effect(),
                  o.low(),
                  o.high(),
                  o.p(),
                  own,
                  excluded ? verdict(o.effect(), bound, own) : Cell.NOT_SHOWN)));
    }
    return claims;
  }

  /**
   * The group of which it is least certain that its effect is above {@code bound}. Groups of a
   * single data set have no test: as long as there is one, the claim cannot hold.
   */
  private static Overall weakest(List<Datasets> groups, double bound) {
    Overall weakest =
        new Overall(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Cell.NOT_SHOWN);
    boolean tested = groups.stream().noneMatch(g -> Double.isNaN(g.effect().p(bound)));
    double least = Double.POSITIVE_INFINITY;
    for (Datasets group : groups) {
      Effect effect = group.effect();
      double p = effect.p(bound);
      boolean above = effect.mean() > bound;
      // Those without a test come last, the least effect first.
      double certainty = Double.isNaN(p) ? 2 + effect.mean() : above ? 1 - p / 2 : p / 2;
      if (certainty < least) {
        least = certainty;
        double[] ends = group.interval();
        weakest =
            new Overall(
                group.count(),
                effect.mean(),
                ends[0],
                ends[1],
                !above ? Math.min(1, p * groups.size()) : tested ? p : Double.NaN,
                Double.NaN,
                Cell.NOT_SHOWN);
      }
    }
    return weakest;
  }

  /** Runs whose folder has a name that begins with one of {@code prefixes}. */
  private List<Map.Entry<String, Run>> named(String... prefixes) {
    return runs.entrySet().stream()
        .filter(run -> Stream.of(prefixes).anyMatch(run.getValue().name()::startsWith))
        .toList();
  }

  private Draft removed() {
    Draft claim =
        new Draft(
            "1",
            "90 % of the embedding's numbers are removed with less than one point of accuracy lost.",
            MARGIN,
            Claim.POINTS);
    for (Map.Entry<String, Run> run : named("claims-")) {
      online(run, REMOVED).ifPresent(online -> claim.add(run, online, run.getValue().baseline()));
    }
    return claim;
  }

  private static Optional<Summary> online(Map.Entry<String, Run> run, double removed) {
    return Variant.removed("online", removed).in(run.getValue().summaries());
  }

  private Draft ahead() {
    Draft claim =
        new Draft(
            "2",
            "With tables of equal bytes, online factorization is ahead of offline compression and of fixed point.",
            0,
            Claim.POINTS);
    for (Map.Entry<String, Run> run : named("claims-")) {
      for (String rival : RIVALS) {
        Curve curve = Curve.of(run.getValue().summaries(), rival, Panel.TABLE);
        Curve all = Curve.of(run.getValue().summaries(), rival, Curve.WEIGHTS);
        online(run, REMOVED)
            .ifPresent(
                online -> {
                  ahead(claim, run, online, curve, rival, rival);
                  ahead(claim, run, online, all, rival + ", all weights", null);
                });
        for (double removed : OTHERS) {
          online(run, removed).ifPresent(online -> ahead(claim, run, online, curve, rival, null));
        }
      }
    }
    return claim;
  }

  private static void ahead(
      Draft claim,
      Map.Entry<String, Run> run,
      Summary online,
      Curve curve,
      String rival,
      String group) {
    double bytes = online.mean(curve.bytes());
    Map<Summary, Double> rivals = curve.at(bytes);
    if (!rivals.isEmpty()) {
      claim.add(run, online, rival, rivals, curve.bytes(rivals) / bytes, group);
    }
  }

  private Draft latency() {
    Draft claim =
        new Draft(
            "3",
            "Compression adds no latency: answers come sooner than with 8-bit fixed point.",
            0,
            Claim.SHARE);
    for (Map.Entry<String, Run> run : named("claims-")) {
      online(run, REMOVED)
          .ifPresent(
              online -> {
                Variant.bits("fixed-point", 8)
                    .in(run.getValue().summaries())
                    .ifPresent(rival -> latency(claim, run, online, rival, true));
                latency(claim, run, online, run.getValue().baseline(), false);
              });
    }
    return claim;
  }

  private static void latency(
      Draft claim, Map.Entry<String, Run> run, Summary online, Summary rival, boolean carries) {
    Map<String, ToDoubleFunction<Row>> batches = new LinkedHashMap<>();
    batches.put("batch 1", Row::latencyB1);
    batches.put("batch 8", Row::latencyB8);
    batches.put("batch 64", Row::latencyB64);
    batches.forEach(
        (batch, latency) -> {
          double[] saved =
              Run.seeds(online, List.of(rival)).stream()
                  .mapToDouble(
                      seed ->
                          1
                              - latency.applyAsDouble(online.bySeed().get(seed))
                                  / latency.applyAsDouble(rival.bySeed().get(seed)))
                  .filter(Double::isFinite) // not all seeds are measured
                  .toArray();
          if (saved.length > 0) {
            claim.add(
                run,
                online,
                rival.label() + ", " + batch,
                saved.length,
                0,
                Effect.of(saved),
                rival.mean(Row::embeddingBytes) / online.mean(Row::embeddingBytes),
                carries ? batch : null);
          }
        });
  }

  private Draft schedules() {
    Draft claim =
        new Draft("4", "The schedule CALR is ahead of the other schedules.", 0, Claim.POINTS);
    for (Map.Entry<String, Run> run : named("schedules-", "retraining-", "calr-")) {
      List<Summary> all =
          run.getValue().summaries().stream()
              .filter(s -> s.parameters().containsKey("optimizer"))
              .filter(s -> s.parameters().containsKey("schedule"))
              .toList();
      // In a run of retraining, the uncompressed model is the baseline.
      boolean retraining = all.stream().anyMatch(s -> s.parameters().containsKey("removed"));
      List<Summary> some =
          all.stream().filter(s -> !retraining || s.parameters().containsKey("removed")).toList();
      for (String optimizer : some.stream().map(Claims::optimizer).distinct().toList()) {
        Optional<Summary> calr = best(some, s -> optimizer(s).equals(optimizer) && calr(s));
        Optional<Summary> rival = best(some, s -> replaces(s, optimizer) && !calr(s));
        if (calr.isPresent() && rival.isPresent()) {
          boolean untuned = run.getValue().name().startsWith(UNTUNED);
          claim.add(run, calr.get(), rival.get(), untuned ? null : "");
        }
      }
    }
    return claim;
  }

  private static String optimizer(Summary s) {
    return s.parameter("optimizer");
  }

  private static boolean calr(Summary s) {
    return s.parameter("schedule").contains("calr");
  }

  /** Whether a method trains with an optimizer, or with its form that needs no schedule. */
  private static boolean replaces(Summary s, String optimizer) {
    String name = optimizer.replaceFirst("_.*", "").replace("momentum", "sgd");
    return optimizer(s).equals(optimizer) || optimizer(s).startsWith("schedule-free-" + name);
  }

  /** The best on dev, of equal ones the first. */
  private static Optional<Summary> best(List<Summary> all, Predicate<Summary> fits) {
    return all.stream()
        .filter(fits)
        .sorted(Comparator.comparingDouble(Summary::devAccuracy).reversed())
        .findFirst();
  }

  private Draft onePercent() {
    Draft claim =
        new Draft(
            "5",
            "With 1 % of the embedding's bytes less than one point of accuracy is lost.",
            MARGIN,
            Claim.POINTS);
    for (Map.Entry<String, Run> run : named("one-percent-")) {
      List<Summary> all = run.getValue().summaries();
      Optional<Summary> small =
          best(
              all,
              s ->
                  s.method().equals(ONE_PERCENT)
                      && Double.valueOf(0.01).equals(s.parameters().get("kept_bytes")));
      Optional<Summary> taught = best(all, s -> s.method().equals("baseline-taught"));
      if (small.isPresent() && taught.isPresent()) {
        claim.add(run, small.get(), taught.get());
      }
    }
    return claim;
  }

  private Draft through() {
    Draft claim =
        new Draft(
            "6",
            "Training through the factorization is ahead of factorizing after training.",
            0,
            Claim.POINTS);
    for (Map.Entry<String, Run> run : named("through-")) {
      List<Summary> all = run.getValue().summaries();
      Optional<Summary> through = best(all, s -> s.method().matches("through(-then-.*)?"));
      Optional<Summary> online = best(all, s -> s.method().matches("online(-then-.*)?"));
      if (through.isPresent() && online.isPresent()) {
        claim.add(run, through.get(), online.get());
      }
    }
    return claim;
  }
}
