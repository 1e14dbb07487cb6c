package io.github.lowrank.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run with its statistics.
 *
 * @param folder of the run
 * @param provenance what is known of it
 * @param summaries its methods, the baseline first
 * @param p corrected p-values by label
 */
record Run(Path folder, JsonNode provenance, List<Summary> summaries, Map<String, Double> p) {
  /** Parameters that say the size, which figures show by their axes, or follow from it. */
  static final Set<String> SIZES = Set.of("removed", "rank", "bits", "svd_relative_error");

  static Run read(Path folder) throws IOException {
    Path file = folder.resolve(Row.FILE);
    List<Summary> summaries = Summary.of(Row.read(file));
    if (summaries.isEmpty()) {
      throw new IOException(file + ", line 2: expected the row of a trial, found none");
    }
    return new Run(
        folder,
        Provenance.tree(folder),
        summaries,
        Significance.against(summaries, Bits.read(folder)));
  }

  String name() {
    return folder.getFileName().toString();
  }

  Summary baseline() {
    return summaries.get(0);
  }

  Row.Id id() {
    return baseline().rows().get(0).id();
  }

  int seeds() {
    return baseline().rows().size();
  }

  /** All parameters that rows have, in the order of their first appearance. */
  Set<String> parameters() {
    Set<String> names = new LinkedHashSet<>();
    summaries.forEach(s -> s.rows().forEach(row -> names.addAll(row.parameters().keySet())));
    return names;
  }

  /** Whether it compares the paper's methods. */
  boolean grid() {
    return Claims.ONLINE.in(summaries).isPresent()
        && Variant.bits("fixed-point", 4).in(summaries).isPresent();
  }

  /** Whether it compares CALR with other schedules, on uncompressed models. */
  boolean schedules() {
    return !parameters().contains("removed") && summaries.stream().anyMatch(Claims::calr);
  }

  /** Whether it compares ways to remove the same fraction, outside of the paper's grid. */
  boolean variants() {
    List<Object> removed =
        summaries.stream()
            .filter(s -> !s.parameters().containsKey("bits"))
            .map(s -> s.parameters().getOrDefault("removed", ""))
            .filter(Number.class::isInstance)
            .toList();
    return !grid() && removed.stream().distinct().count() < removed.size();
  }

  /**
   * A name with the parameters that tell methods of this run apart, for example {@code online,
   * noise 0.1}: those whose values differ, except the ones that say the size, are in the name
   * already, or are shown elsewhere.
   */
  String named(String name, Summary s, String... without) {
    StringBuilder text = new StringBuilder(name);
    for (String parameter : parameters()) {
      String value = s.parameter(parameter);
      boolean differs =
          summaries.stream().anyMatch(other -> !other.parameter(parameter).equals(value));
      if (differs
          && !value.isEmpty()
          && !SIZES.contains(parameter)
          && !List.of(without).contains(parameter)
          && !(s.parameters().get(parameter) instanceof String && name.contains(value))) {
        text.append(", ").append(parameter).append(' ').append(value);
      }
    }
    return text.toString();
  }

  String verdict(Summary s) {
    return s == baseline()
        ? ""
        : Significance.verdict(s.difference(Row::testAccuracy), p.get(s.label()));
  }

  Table.Column<Summary> differenceColumn() {
    return new Table.Column<>(
        "test - baseline",
        s -> s == baseline() ? "" : s.difference(Row::testAccuracy).signedPercent());
  }

  /** Columns of the parameters, except the fraction removed, which is measured, and the error. */
  List<Table.Column<Summary>> parameterColumns() {
    List<Table.Column<Summary>> columns = new ArrayList<>();
    for (String parameter : parameters()) {
      if (!parameter.equals("removed") && !parameter.equals("svd_relative_error")) {
        columns.add(new Table.Column<>(parameter, s -> s.parameter(parameter)));
      }
    }
    return columns;
  }
}
