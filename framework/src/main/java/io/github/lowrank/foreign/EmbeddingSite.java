package io.github.lowrank.foreign;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A table of a model: one matrix, or the parts of a partitioned one in the order of their rows.
 *
 * @param name by which users know it
 * @param parts at least one, of the same number of columns
 */
record EmbeddingSite(String name, List<Part> parts) {
  int rows() {
    return parts.stream().mapToInt(p -> p.rows).sum();
  }

  int columns() {
    return parts.get(0).columns;
  }

  long bytes() {
    return (long) rows() * columns() * Numbers.BYTES.get(parts.get(0).type);
  }

  int lookups() {
    return parts.stream().mapToInt(p -> p.lookups.size() + p.derived.size()).sum();
  }

  boolean usedWhole() {
    return parts.stream().anyMatch(p -> !p.whole.isEmpty());
  }

  /** The first few ops for which the whole table has to be computed. */
  List<String> wholeUses() {
    return parts.stream()
        .flatMap(p -> p.whole.stream())
        .filter(
            use ->
                use.node() == null
                    || TableRewrite.productsOf(use, use.scope().node(use.node())).isEmpty())
        .map(use -> use.node() == null ? use.output() : use.node())
        .distinct()
        .limit(3)
        .toList();
  }

  /** Names of variables that hold the same numbers. */
  int copies() {
    return parts.stream().mapToInt(p -> Math.max(p.holders.size(), p.keys.size())).max().orElse(1);
  }

  Set<String> obstacles() {
    Set<String> obstacles = new LinkedHashSet<>();
    parts.forEach(p -> obstacles.addAll(p.obstacles));
    return obstacles;
  }
}
