package io.github.lowrank.labelling;

import java.util.List;

/** Chooses the texts about which a human is asked. */
public interface Questions {
  /** At most {@code count} texts about which nothing is known, the most wanted first. */
  List<Integer> choose(Round round, int count);

  /** What is known when questions are chosen. */
  record Round(Neighbours texts, Known known, Votes votes, LabelModel.Posteriors posteriors) {}
}
