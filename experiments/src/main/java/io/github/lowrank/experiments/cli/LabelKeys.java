package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.labelling.Labelling;
import io.github.lowrank.labelling.Labelling.Progress;
import io.github.lowrank.labelling.Labelling.Question;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/**
 * What keys do to a labelling, on the terminal and on the page: a number takes a class, an empty
 * key the predicted one, {@code /name} the class of that name.
 *
 * @param labelling what is labelled
 * @param most number of answers after which it ends
 */
record LabelKeys(Labelling labelling, int most) {
  /** The question that is open; none at the end. */
  Optional<Question> question() throws IOException {
    return labelling.progress().answers() >= most ? Optional.empty() : labelling.next();
  }

  /**
   * Does what a key says; the answer is on disk then.
   *
   * @return what is wrong with the key, if anything
   */
  Optional<String> press(String key) throws IOException {
    Optional<Question> question = question();
    if (key.equals("u")) {
      return labelling.undo() ? Optional.empty() : Optional.of("there is no answer to take back");
    }
    if (question.isEmpty()) {
      return Optional.of("there is no question");
    }
    Question asked = question.get();
    if (key.equals("s")) {
      labelling.skip();
    } else if (key.equals("0")) {
      labelling.none();
    } else if (key.isEmpty() && !asked.predicted().isEmpty()) {
      labelling.label(asked.predicted());
    } else if (key.matches("[1-9]") && Integer.parseInt(key) <= asked.choices().size()) {
      labelling.label(asked.choices().get(Integer.parseInt(key) - 1));
    } else if (key.startsWith("/") && labelling.classes().contains(key.substring(1))) {
      labelling.label(key.substring(1));
    } else {
      return Optional.of("expected a key of the list, found '" + Escape.tsv(key) + "'");
    }
    return Optional.empty();
  }

  /** How far it is, on one line. */
  String status() {
    Progress progress = labelling.progress();
    return String.format(
        Locale.ROOT,
        "%,d answers; %,d exemplars; votes on %,d texts, right in %s",
        progress.answers(),
        progress.exemplars(),
        progress.voted(),
        progress.checks() == 0
            ? "no check yet"
            : "%d of %d random checks".formatted(progress.right(), progress.checks()));
  }

  /** The advice to stop, if it is due. */
  Optional<String> warning() {
    return labelling.progress().stop()
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "stop: only %.0f %% of the votes are right (under %.0f %%); train on the answers alone (--least 1), or try other --vectors",
                100 * labelling.progress().precision(),
                100 * Labelling.LEAST_PRECISION))
        : Optional.empty();
  }
}
