package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A method that a comparison asks for.
 *
 * @param method its name
 * @param parameters that it must have; without {@code removed} or {@code bits} it must not have
 *     these, others it may
 */
record Variant(String method, Map<String, Object> parameters) {
  static Variant removed(String method, double removed) {
    return new Variant(method, Map.of("removed", removed));
  }

  static Variant bits(String method, int bits) {
    return new Variant(method, Map.of("bits", bits));
  }

  /** What tables call it. */
  String label() {
    return Row.label(method, parameters);
  }

  /**
   * The one among {@code all} with the fewest other parameters; nothing if that does not tell which
   * one is meant.
   */
  Optional<Summary> in(List<Summary> all) {
    List<Summary> fit =
        all.stream().filter(this::fits).sorted(Comparator.comparingLong(Variant::others)).toList();
    boolean clear = fit.size() == 1 || fit.size() > 1 && others(fit.get(0)) < others(fit.get(1));
    return clear ? Optional.of(fit.get(0)) : Optional.empty();
  }

  private static long others(Summary s) {
    return s.parameters().keySet().stream().filter(name -> !Run.SIZES.contains(name)).count();
  }

  private boolean fits(Summary s) {
    return s.method().equals(method)
        && Stream.concat(Stream.of("removed", "bits"), parameters.keySet().stream())
            .allMatch(name -> Objects.equals(s.parameters().get(name), parameters.get(name)));
  }
}
