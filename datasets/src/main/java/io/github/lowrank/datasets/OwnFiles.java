package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A user's own labelled files as a data set.
 *
 * @param train training texts
 * @param dev texts for selection; if absent, a share of the training texts, chosen by a hash of the
 *     text
 * @param holdOut that share
 * @param test texts that are scored once, at the end; optional
 * @param unlabelled texts without labels, as {@link LabelledFile#texts} reads them; optional
 * @param columns where text and labels are, of all files
 * @param maxWords largest number of different words, the most frequent; others are unknown
 */
public record OwnFiles(
    Path train,
    Optional<Path> dev,
    HoldOut holdOut,
    Optional<Path> test,
    Optional<Path> unlabelled,
    LabelledFile.Columns columns,
    int maxWords)
    implements DatasetSource {

  @Override
  public String name() {
    return train.getFileName().toString();
  }

  @Override
  public String description() {
    return "own files";
  }

  @Override
  public String licence() {
    return "the user's";
  }

  @Override
  public boolean tokenized() {
    return false;
  }

  @Override
  public List<DataFile> files() throws IOException {
    List<DataFile> files = new ArrayList<>();
    for (Path file :
        Stream.of(Optional.of(train), dev, test, unlabelled)
            .flatMap(Optional::stream)
            .distinct()
            .toList()) {
      files.add(DataFile.file(file.toString(), DataRoot.checksum(file)));
    }
    return files;
  }

  @Override
  public Dataset load(DataRoot root) throws IOException {
    return load(root, texts -> {});
  }

  /** Reads every file once, for its classes and its size; keeps only the texts held out. */
  @Override
  public Dataset load(DataRoot root, LongConsumer progress) throws IOException {
    HoldOut.Choice choice = holdOut.new Choice();
    Set<String> names = new TreeSet<>();
    boolean[] one = {columns.separator().isEmpty()};
    int learn =
        LabelledFile.read(
            train,
            columns,
            (index, line, content, labels) -> {
              names.addAll(labels);
              one[0] &= labels.size() == 1;
              if (dev.isEmpty()) {
                choice.add(index, content, labels);
              }
              progress.accept(index + 1);
            });
    List<String> labels = List.copyOf(names);
    if (labels.size() < 2) {
      throw new DatasetException(
          "%s: expected at least 2 classes, found %s"
              .formatted(train, labels.isEmpty() ? "none" : "only '" + labels.get(0) + "'"));
    }
    Numbers numbers = new Numbers(labels, one[0]);
    List<String> unknown = new ArrayList<>();
    List<HoldOut.Held> held = choice.held();
    if (dev.isEmpty() && (held.isEmpty() || held.size() == learn)) {
      throw new DatasetException(
          "%s: %d texts, %d of them different, are too few to hold out a share of %s: name a file with --dev"
              .formatted(train, learn, different(), holdOut.share()));
    }
    Split devSplit =
        dev.isPresent()
            ? scored(dev.get(), numbers, unknown, progress)
            : Split.of(
                held.stream().map(HoldOut.Held::text).toList(),
                held.stream().mapToInt(h -> numbers.of(h.labels())).toArray());
    Split testSplit =
        test.isPresent()
            ? scored(test.get(), numbers, unknown, progress)
            : Split.of(List.of(), new int[0]);
    Predicate<String> kept = dev.isPresent() ? t -> true : t -> !choice.contains(t);
    Split trainSplit = new InFile(train, learn - held.size(), 0, numbers, kept);
    List<String> others =
        unlabelled.isPresent()
            ? LabelledFile.texts(unlabelled.get(), columns.text(), columns.charset())
            : List.of();
    if (unlabelled.isPresent() && others.isEmpty()) {
      throw new DatasetException(unlabelled.get() + ": expected texts, found none");
    }
    if (!one[0]) {
      trainSplit.read((text, number) -> {}); // numbers the sets
    }
    numbers.complete = true;
    float[] confidence =
        columns.confidence().isEmpty()
            ? new float[0]
            : LabelledFile.confidences(train, columns, kept);
    return new Dataset(
        labels,
        trainSplit,
        devSplit,
        testSplit,
        unknown,
        others,
        List.copyOf(numbers.sets),
        confidence);
  }

  /** Number of a set that was not there when the files were read first. */
  private static final int CHANGED = -2;

  /** Numbers of classes, or of sets of them. */
  private static final class Numbers {
    private final Map<String, Integer> classes = new HashMap<>();
    private final boolean one;
    private final Map<List<String>, Integer> known = new HashMap<>();
    private final List<int[]> sets = new ArrayList<>();
    private boolean complete;

    /**
     * Numbers of {@code labels}.
     *
     * @param one whether every text has one of them
     */
    private Numbers(List<String> labels, boolean one) {
      labels.forEach(name -> classes.put(name, classes.size()));
      this.one = one;
    }

    int of(List<String> labels) {
      if (one) {
        return classes.getOrDefault(labels.get(0), Split.UNKNOWN);
      }
      Integer number = known.get(labels);
      if (number == null && complete) {
        return CHANGED;
      }
      if (number == null) {
        number = sets.size();
        known.put(labels, number);
        sets.add(labels.stream().mapToInt(l -> classes.getOrDefault(l, Split.UNKNOWN)).toArray());
      }
      return number;
    }
  }

  private int different() throws IOException {
    Set<String> texts = new HashSet<>();
    LabelledFile.read(train, columns, (index, line, content, labels) -> texts.add(content));
    return texts.size();
  }

  private Split scored(Path file, Numbers numbers, List<String> unknown, LongConsumer progress)
      throws IOException {
    UnknownLabels unknowns =
        new UnknownLabels(new TreeSet<>(numbers.classes.keySet()), "the training texts");
    boolean[] some = new boolean[1];
    int size =
        LabelledFile.read(
            file,
            columns,
            (index, line, content, labels) -> {
              if (numbers.one && labels.size() != 1) {
                throw Lines.malformed(
                    file.toString(),
                    line,
                    "one label, as every training text has",
                    labels.size() + " labels");
              }
              unknowns.count(labels, line);
              some[0] |= !labels.isEmpty();
              numbers.of(labels);
              progress.accept(index + 1);
            });
    unknowns.message(file).ifPresent(unknown::add);
    if (!numbers.one && !some[0]) {
      throw new DatasetException(file + ": expected a text with a label, found none");
    }
    return new InFile(file, size, numbers.one ? unknowns.texts() : 0, numbers, t -> true);
  }

  /** Those texts of a file that are {@code kept}. */
  private final class InFile implements Split {
    private final Path file;
    private final int size;
    private final int unknown;
    private final Numbers numbers;
    private final Predicate<String> kept;

    private InFile(Path file, int size, int unknown, Numbers numbers, Predicate<String> kept) {
      this.file = file;
      this.size = size;
      this.unknown = unknown;
      this.numbers = numbers;
      this.kept = kept;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public int unknown() {
      return unknown;
    }

    @Override
    public void read(Reader reader) throws IOException {
      int[] found = new int[2];
      LabelledFile.read(
          file,
          columns,
          (index, line, content, labels) -> {
            if (kept.test(content)) {
              int number = numbers.of(labels);
              if (number == CHANGED) {
                throw new DatasetException(
                    "%s changed while it was used: line %d has other labels".formatted(file, line));
              }
              found[0]++;
              found[1] += number == UNKNOWN ? 1 : 0;
              reader.text(content, number);
            }
          });
      if (found[0] != size || found[1] != unknown) {
        throw new DatasetException(
            "%s changed while it was used: expected %d texts, found %d"
                .formatted(file, size, found[0]));
      }
    }
  }
}
