package io.github.lowrank.labelling;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Labelling a pool of texts: asks a human, keeps every answer in a log, and lets the exemplars
 * vote. What it knows is a function of the log, so that it goes on where it ended.
 *
 * <p>Questions come in rounds; after a round the exemplars that it brought vote, too. Every fifth
 * question is drawn at random from all texts with a vote: the share of these on which the votes
 * were right estimates their precision, while the questions that are chosen are the hardest.
 */
public final class Labelling {
  /** Texts per neighbourhood, unless something else is wanted. */
  public static final int NEIGHBOURS = 50;

  /** Below that share of right votes, further votes do harm. */
  public static final double LEAST_PRECISION = 0.6;

  /** Classes among which a question lets choose by a key each. */
  public static final int CHOICES = 9;

  private static final int ROUND = 10;
  private static final int CHECK = 5;

  /** Fewer checks say too little to warn. */
  private static final int LEAST_CHECKS = 10;

  private final Task task;
  private final Neighbours neighbours;
  private final Neighbourhoods neighbourhoods;
  private final AnswerLog log;
  private final Map<String, Integer> rows = new HashMap<>();
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final Deque<Integer> planned = new ArrayDeque<>();
  private Questions.Round round;
  private Optional<Question> question = Optional.empty();

  /**
   * What is to be labelled, and how.
   *
   * @param classes their names
   * @param texts all different; those with a label first
   * @param labels class numbers of the first texts
   * @param questions chooses what is asked
   * @param model makes probabilities of votes
   */
  public record Task(
      List<String> classes,
      List<String> texts,
      List<Integer> labels,
      Questions questions,
      LabelModel model) {}

  /**
   * A question: which class has a text?
   *
   * @param text the text
   * @param choices classes to choose from, at most {@value #CHOICES}: all in their order, or the
   *     most likely first
   * @param predicted the class after the votes; empty without a vote
   * @param check whether the text was drawn at random
   */
  public record Question(String text, List<String> choices, String predicted, boolean check) {}

  /**
   * How far it is.
   *
   * @param answers number of answers that hold
   * @param exemplars number of texts with a label, those from the start among them
   * @param voted number of other texts with a vote
   * @param checks number of answers about texts drawn at random
   * @param right on how many of these the votes were right
   */
  public record Progress(int answers, int exemplars, int voted, int checks, int right) {
    /** Estimated share of right votes; NaN without a check. */
    public double precision() {
      return right / (double) checks;
    }

    /** Whether so few votes are right that one should stop. */
    public boolean stop() {
      return checks >= LEAST_CHECKS && precision() < LEAST_PRECISION;
    }
  }

  /**
   * A label.
   *
   * @param confidence its probability
   * @param source who said it
   * @param exemplars the texts that voted for it
   */
  public record Label(
      String text, String label, double confidence, Source source, List<String> exemplars) {}

  /** Where a label comes from. */
  public enum Source {
    /** It was there at the start. */
    SEED,
    /** The human said it. */
    HUMAN,
    /** Exemplars voted for it. */
    VOTES
  }

  /**
   * Goes on after the answers of a log.
   *
   * @param neighbours the vectors of the texts
   * @throws IOException if the log is about other texts or classes
   */
  public Labelling(Task task, Neighbours neighbours, AnswerLog log) throws IOException {
    this.task = task;
    this.neighbours = neighbours;
    this.neighbourhoods = new Neighbourhoods(neighbours, NEIGHBOURS);
    this.log = log;
    for (int i = 0; i < task.texts.size(); i++) {
      rows.put(task.texts.get(i), i);
    }
    int line = 0;
    for (Answer answer : log.answers()) {
      line++;
      check(answer, "%s, line %d".formatted(log.file(), line));
      take(answer);
    }
    update();
  }

  private void check(Answer answer, String where) throws IOException {
    if (!rows.containsKey(answer.text())) {
      throw new IOException(
          "%s: expected a text of the pool, found '%s'; was it another pool?"
              .formatted(where, answer.text()));
    }
    Set<String> named = new TreeSet<>(answer.rejected());
    if (answer.verdict() == Answer.Verdict.LABEL) {
      named.add(answer.label());
    }
    named.removeAll(task.classes);
    if (!named.isEmpty()) {
      throw new IOException("%s: expected a class of the seeds, found %s".formatted(where, named));
    }
    if (answer.verdict() == Answer.Verdict.UNDO && answers.isEmpty()) {
      throw new IOException(where + ": expected an answer to undo, found none");
    }
  }

  private void take(Answer answer) {
    if (answer.verdict() == Answer.Verdict.UNDO) {
      answers.removeLast();
    } else {
      answers.add(answer);
    }
  }

  /** Lets the exemplars vote. */
  private void update() {
    TreeMap<Integer, Integer> labels = new TreeMap<>();
    for (int i = 0; i < task.labels.size(); i++) {
      labels.put(i, task.labels.get(i));
    }
    TreeMap<Integer, Set<Integer>> rejected = new TreeMap<>();
    Set<Integer> skipped = new HashSet<>();
    for (Answer answer : answers) {
      int row = rows.get(answer.text());
      switch (answer.verdict()) {
        case LABEL -> labels.put(row, task.classes.indexOf(answer.label()));
        case NONE ->
            answer
                .rejected()
                .forEach(
                    name ->
                        rejected
                            .computeIfAbsent(row, text -> new TreeSet<>())
                            .add(task.classes.indexOf(name)));
        default -> skipped.add(row);
      }
    }
    Known known = new Known(task.classes.size(), labels, rejected, skipped);
    Votes votes = neighbourhoods.votes(known);
    round = new Questions.Round(neighbours, known, votes, task.model.posteriors(votes, known));
    planned.clear();
  }

  /** The next question, the same until it is answered; none if there is nothing left to ask. */
  public Optional<Question> next() {
    if (question.isEmpty()) {
      boolean check = answers.size() % CHECK == CHECK - 1;
      if (planned.isEmpty()) {
        update();
        planned.addAll(task.questions.choose(round, ROUND));
      }
      Optional<Integer> drawn = check ? drawn() : Optional.empty();
      drawn.ifPresent(planned::remove);
      Optional<Integer> text = drawn.or(() -> Optional.ofNullable(planned.poll()));
      question = text.map(row -> question(row, drawn.isPresent()));
    }
    return question;
  }

  /** A text with a vote. */
  private Optional<Integer> drawn() {
    Set<String> asked = new HashSet<>();
    answers.forEach(answer -> asked.add(answer.text()));
    int[] open =
        Arrays.stream(round.votes().texts())
            .filter(row -> !round.known().done(row) && !asked.contains(task.texts.get(row)))
            .toArray();
    return open.length == 0
        ? Optional.empty()
        : Optional.of(open[new Random(answers.size()).nextInt(open.length)]);
  }

  private Question question(int row, boolean check) {
    int place = Arrays.binarySearch(round.votes().texts(), row);
    String predicted = place < 0 ? "" : task.classes.get(round.posteriors().best(place));
    if (task.classes.size() <= CHOICES) {
      return new Question(task.texts.get(row), task.classes, predicted, check);
    }
    // By their probability, else by their nearest exemplar.
    Map<Integer, Integer> labels = round.known().labels();
    int[] exemplars = labels.keySet().stream().mapToInt(i -> i).toArray();
    float[] near =
        new Neighbours(neighbours.vectors(exemplars)).closest(neighbours.vectors(new int[] {row}));
    double[] likely = new double[task.classes.size()];
    Arrays.fill(likely, -1);
    for (int i = 0; i < exemplars.length; i++) {
      int c = labels.get(exemplars[i]);
      double voted = place < 0 ? 0 : 2 * round.posteriors().probabilities().get(place, c);
      likely[c] = Math.max(likely[c], near[i] + voted);
    }
    List<String> choices =
        IntStream.range(0, likely.length)
            .boxed()
            .sorted(Comparator.comparingDouble(c -> -likely[c]))
            .limit(CHOICES)
            .map(task.classes::get)
            .toList();
    return new Question(task.texts.get(row), choices, predicted, check);
  }

  /** The text of the question has a class. */
  public void label(String name) throws IOException {
    answer(Answer.Verdict.LABEL, name, List.of());
  }

  /** The text has none of the classes to choose from. */
  public void none() throws IOException {
    answer(Answer.Verdict.NONE, "", question.orElseThrow().choices());
  }

  /** Nothing is said. */
  public void skip() throws IOException {
    answer(Answer.Verdict.SKIP, "", List.of());
  }

  private void answer(Answer.Verdict verdict, String label, List<String> rejected)
      throws IOException {
    Question asked = question.orElseThrow();
    add(new Answer(asked.text(), verdict, label, rejected, asked.predicted(), asked.check()));
  }

  /** Adds an answer, which may come from another log. */
  public void add(Answer answer) throws IOException {
    check(answer, "an answer");
    log.add(answer);
    take(answer);
    planned.remove(rows.get(answer.text()));
    question = Optional.empty();
  }

  /** Takes the last answer back and asks again; false if there is none. */
  public boolean undo() throws IOException {
    if (answers.isEmpty()) {
      return false;
    }
    Answer last = answers.getLast();
    log.add(
        new Answer(
            last.text(), Answer.Verdict.UNDO, "", List.of(), last.predicted(), last.check()));
    answers.removeLast();
    update();
    question = Optional.of(question(rows.get(last.text()), last.check()));
    return true;
  }

  /** The number of lines in the log, another one after every answer. */
  public int number() {
    return log.answers().size();
  }

  /** All classes. */
  public List<String> classes() {
    return task.classes;
  }

  /** How far it is. */
  public Progress progress() {
    int checks = 0;
    int right = 0;
    int labelled = task.labels.size();
    for (Answer answer : answers) {
      boolean said = answer.verdict() != Answer.Verdict.SKIP;
      checks += answer.check() && said ? 1 : 0;
      right += answer.check() && said && answer.label().equals(answer.predicted()) ? 1 : 0;
      labelled += answer.verdict() == Answer.Verdict.LABEL ? 1 : 0;
    }
    int voted =
        (int)
            Arrays.stream(round.votes().texts())
                .filter(row -> !round.known().labels().containsKey(row))
                .count();
    return new Progress(answers.size(), labelled, voted, checks, right);
  }

  /**
   * All labels: those from the start, those of the human, those voted for.
   *
   * @param least least probability of a label that was voted for; 1: none of these
   */
  public List<Label> labels(double least) {
    update();
    List<Label> labels = new ArrayList<>();
    round
        .known()
        .labels()
        .forEach(
            (row, c) ->
                labels.add(
                    new Label(
                        task.texts.get(row),
                        task.classes.get(c),
                        1,
                        row < task.labels.size() ? Source.SEED : Source.HUMAN,
                        List.of())));
    Votes votes = round.votes();
    for (int t = 0; t < votes.texts().length; t++) {
      int row = votes.texts()[t];
      double confidence = round.posteriors().confidence(t);
      if (!round.known().labels().containsKey(row) && least < 1 && confidence >= least) {
        int best = round.posteriors().best(t);
        labels.add(
            new Label(
                task.texts.get(row),
                task.classes.get(best),
                confidence,
                Source.VOTES,
                Arrays.stream(votes.on().get(t))
                    .mapToObj(votes.voters()::get)
                    .filter(voter -> voter.label() == best)
                    .map(voter -> task.texts.get(voter.exemplar()))
                    .toList()));
      }
    }
    return labels;
  }
}
