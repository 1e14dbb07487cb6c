package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.charset.Charset;
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
 * @param text column or key of the text, by name or by number from 1
 * @param label column or key of the label
 * @param charset of all files
 * @param maxWords largest number of different words, the most frequent; others are unknown
 */
public record OwnFiles(
    Path train,
    Optional<Path> dev,
    HoldOut holdOut,
    Optional<Path> test,
    Optional<Path> unlabelled,
    String text,
    String label,
    Charset charset,
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
    int learn =
        LabelledFile.read(
            train,
            text,
            label,
            charset,
            (index, line, content, name) -> {
              names.add(name);
              if (dev.isEmpty()) {
                choice.add(index, content, name);
              }
              progress.accept(index + 1);
            });
    List<String> labels = List.copyOf(names);
    if (labels.size() < 2) {
      throw new DatasetException(
          "%s: expected at least 2 classes, found only '%s'".formatted(train, labels.get(0)));
    }
    Map<String, Integer> numbers = new HashMap<>();
    labels.forEach(name -> numbers.put(name, numbers.size()));
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
                held.stream().mapToInt(h -> numbers.get(h.label())).toArray());
    Split testSplit =
        test.isPresent()
            ? scored(test.get(), numbers, unknown, progress)
            : Split.of(List.of(), new int[0]);
    Predicate<String> kept = dev.isPresent() ? t -> true : t -> !choice.contains(t);
    Split trainSplit = new InFile(train, learn - held.size(), 0, numbers, kept);
    List<String> others =
        unlabelled.isPresent() ? LabelledFile.texts(unlabelled.get(), text) : List.of();
    if (unlabelled.isPresent() && others.isEmpty()) {
      throw new DatasetException(unlabelled.get() + ": expected texts, found none");
    }
    return new Dataset(labels, trainSplit, devSplit, testSplit, unknown, others);
  }

  private int different() throws IOException {
    Set<String> texts = new HashSet<>();
    LabelledFile.read(
        train, text, label, charset, (index, line, content, name) -> texts.add(content));
    return texts.size();
  }

  private Split scored(
      Path file, Map<String, Integer> numbers, List<String> unknown, LongConsumer progress)
      throws IOException {
    UnknownLabels labels = new UnknownLabels(new TreeSet<>(numbers.keySet()), "the training texts");
    int size =
        LabelledFile.read(
            file,
            text,
            label,
            charset,
            (index, line, content, name) -> {
              labels.count(name, line);
              progress.accept(index + 1);
            });
    labels.message(file).ifPresent(unknown::add);
    return new InFile(file, size, labels.texts(), numbers, t -> true);
  }

  /** Those texts of a file that are {@code kept}. */
  private final class InFile implements Split {
    private final Path file;
    private final int size;
    private final int unknown;
    private final Map<String, Integer> numbers;
    private final Predicate<String> kept;

    private InFile(
        Path file, int size, int unknown, Map<String, Integer> numbers, Predicate<String> kept) {
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
          text,
          label,
          charset,
          (index, line, content, name) -> {
            if (kept.test(content)) {
              int number = numbers.getOrDefault(name, UNKNOWN);
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
