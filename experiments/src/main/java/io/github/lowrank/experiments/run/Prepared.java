package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.Split;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.VectorFile;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.text.WordPieceVectors;
import io.github.lowrank.text.WordVectors;
import io.github.lowrank.train.Predictor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Texts and vectors of an experiment, read, verified and encoded; the same for all trials.
 *
 * <p>The vocabulary holds the words of all three splits, as in the paper, so that the pretrained
 * vectors of words outside train are used too; no label of dev or test is used for it.
 *
 * @param request the request
 * @param tokenizer the tokenizer that was used
 * @param vocabulary words of all splits
 * @param labels class names
 * @param train training texts
 * @param dev texts for selection
 * @param test texts that are scored once, at the end
 * @param testTexts the raw test texts
 * @param table pretrained vectors of the vocabulary
 * @param coverage share of the vocabulary that has a pretrained vector
 * @param checksums SHA-256 of all files, by path
 */
public record Prepared(
    Request request,
    Tokenizer tokenizer,
    Vocabulary vocabulary,
    List<String> labels,
    EncodedTexts train,
    EncodedTexts dev,
    EncodedTexts test,
    List<String> testTexts,
    Dense table,
    double coverage,
    Map<String, String> checksums) {

  private static final int DIMENSION = 300;

  /**
   * What trials must have in common to share their data.
   *
   * @param dataset texts
   * @param vectors pretrained word vectors
   * @param maxLength number of words read from a text
   * @param limit number of training texts used; 0: all
   */
  public record Request(DatasetSource dataset, VectorSource vectors, int maxLength, int limit) {
    /** The data of {@code trial}. */
    public static Request of(TrialSpec trial) {
      return new Request(
          trial.dataset(), trial.vectors(), trial.plan().maxLength(), trial.plan().limit());
    }
  }

  /** Reads data, telling {@code log} what it found. */
  public static Prepared of(Request request, DataRoot root, Consumer<String> log)
      throws IOException {
    Dataset full = request.dataset().load(root);
    int limit = request.limit();
    Split train = part(full.train(), limit);
    Split dev = part(full.dev(), limit / 5);
    Split test = part(full.test(), limit / 5);
    Tokenizer tokenizer = request.dataset().tokenized() ? Tokenizer.BLANKS : Tokenizer.WORDS;
    List<String[]> trainWords = TextEncoder.tokenize(tokenizer, train.texts());
    List<String[]> devWords = TextEncoder.tokenize(tokenizer, dev.texts());
    List<String[]> testWords = TextEncoder.tokenize(tokenizer, test.texts());
    List<String[]> all = new ArrayList<>(trainWords);
    all.addAll(devWords);
    all.addAll(testWords);
    Vocabulary vocabulary = Vocabulary.of(all);
    log.accept(
        "%s: %,d train, %,d dev, %,d test texts; %d classes; %,d words"
            .formatted(
                request.dataset().name(),
                train.size(),
                dev.size(),
                test.size(),
                full.labels().size(),
                vocabulary.size() - 1));

    full.unknown().forEach(line -> log.accept(line + "; they count as errors"));

    WordVectors vectors = vectors(request.vectors(), root, vocabulary);
    WordVectors.Table table = vectors.table(vocabulary, 0);
    if (table.coverage() == 0
        && vocabulary.size() > 1
        && request.vectors().format() != VectorSource.Format.NONE) {
      throw new IOException(
          "%s: expected vectors of some of the %,d words of the texts, such as '%s', found none; --vectors none trains without"
              .formatted(
                  request.vectors().name(), vocabulary.size() - 1, vocabulary.words().get(1)));
    }
    log.accept(
        "%s: %d dimensions, %.1f %% of the words have a vector"
            .formatted(request.vectors().name(), vectors.dimension(), 100 * table.coverage()));

    Map<String, String> checksums = new TreeMap<>();
    for (DataFile file : request.dataset().files()) {
      checksums.put(file.path(), file.sha256());
    }
    for (DataFile file : request.vectors().files()) {
      checksums.put(file.path(), file.sha256());
    }
    int maxLength = request.maxLength();
    return new Prepared(
        request,
        tokenizer,
        vocabulary,
        full.labels(),
        TextEncoder.encode(trainWords, train.labels(), vocabulary, maxLength),
        TextEncoder.encode(devWords, dev.labels(), vocabulary, maxLength),
        TextEncoder.encode(testWords, test.labels(), vocabulary, maxLength),
        test.texts(),
        new Dense(table.values()),
        table.coverage(),
        checksums);
  }

  /** {@code count} evenly spaced texts, because files are often sorted; all if 0. */
  private static Split part(Split split, int count) {
    if (count == 0 || count >= split.size()) {
      return split;
    }
    int[] chosen =
        IntStream.range(0, count).map(i -> (int) ((long) i * split.size() / count)).toArray();
    return new Split(
        Arrays.stream(chosen).mapToObj(split.texts()::get).toList(),
        Arrays.stream(chosen).map(i -> split.labels()[i]).toArray());
  }

  private static WordVectors vectors(VectorSource source, DataRoot root, Vocabulary vocabulary)
      throws IOException {
    return switch (source.format()) {
      case FILE -> {
        DataFile file = source.files().get(0);
        yield VectorFile.read(root.path(file), file.entry(), vocabulary);
      }
      case NONE -> WordVectors.none(DIMENSION);
      case WORD_PIECES -> {
        try (InputStream onnx = root.open(source.files().get(0));
            InputStream tokenizer = root.open(source.files().get(1))) {
          yield WordPieceVectors.read(source.name(), onnx, tokenizer, DIMENSION);
        }
      }
    };
  }

  /**
   * Accuracy on the test texts whose sequence of words does not occur in train; NaN if there are
   * none.
   */
  double accuracyUnseen(int[] predicted) {
    Set<List<Integer>> seen = new HashSet<>();
    for (int[] ids : train.ids()) {
      seen.add(Arrays.stream(ids).boxed().toList());
    }
    int[] unseen =
        IntStream.range(0, test.size())
            .filter(i -> !seen.contains(Arrays.stream(test.ids()[i]).boxed().toList()))
            .toArray();
    return Predictor.accuracy(
        Arrays.stream(unseen).map(i -> predicted[i]).toArray(), test.labels(unseen));
  }

  /** Share of each class in train. */
  public List<Double> prior() {
    double[] counts = new double[labels.size()];
    for (int label : train.labels()) {
      counts[label] += 1.0 / train.size();
    }
    return Arrays.stream(counts).boxed().toList();
  }
}
