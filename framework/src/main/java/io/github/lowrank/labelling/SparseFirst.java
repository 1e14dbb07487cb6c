package io.github.lowrank.labelling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts with few votes first, of those with equally many the one farthest from its exemplars: where
 * few exemplars are. The classes take turns, those with the fewest exemplars first.
 */
public record SparseFirst() implements Questions {
  @Override
  public List<Integer> choose(Round round, int count) {
    Votes votes = round.votes();
    List<Deque<Integer>> queues = new ArrayList<>();
    int[] exemplars = new int[votes.classes()];
    round.known().labels().values().forEach(label -> exemplars[label]++);
    for (int c = 0; c < votes.classes(); c++) {
      queues.add(new ArrayDeque<>());
    }
    IntStream.range(0, votes.texts().length)
        .filter(t -> !round.known().done(votes.texts()[t]))
        .boxed()
        .sorted(
            Comparator.comparingInt((Integer t) -> votes.on().get(t).length)
                .thenComparingDouble(t -> votes.nearest()[t]))
        .forEach(t -> queues.get(round.posteriors().best(t)).add(votes.texts()[t]));
    List<Integer> turns =
        IntStream.range(0, votes.classes())
            .boxed()
            .sorted(Comparator.comparingInt(c -> exemplars[c]))
            .toList();
    List<Integer> chosen = new ArrayList<>();
    boolean some = true;
    while (some) {
      some = false;
      for (int c : turns) {
        if (chosen.size() < count && !queues.get(c).isEmpty()) {
          chosen.add(queues.get(c).poll());
          some = true;
        }
      }
    }
    return chosen;
  }
}
