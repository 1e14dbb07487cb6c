package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Holm's correction (1979) for several tests. */
final class Holm {
  private Holm() {}

  /** Adjusted p-values, each of which may be compared with the level of the whole family. */
  static <K> Map<K, Double> adjusted(Map<K, Double> p) {
    List<K> keys = new ArrayList<>(p.keySet());
    keys.sort(Comparator.comparing(p::get));
    Map<K, Double> adjusted = new LinkedHashMap<>();
    double most = 0;
    for (int i = 0; i < keys.size(); i++) {
      most = Math.max(most, Math.min(1, (keys.size() - i) * p.get(keys.get(i))));
      adjusted.put(keys.get(i), most);
    }
    return adjusted;
  }
}
