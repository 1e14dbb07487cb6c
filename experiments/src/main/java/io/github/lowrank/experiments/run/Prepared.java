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
import io.github.lowrank.text.ReducedVectors;
import io.github.lowrank.text.StreamEncoder;
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
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Texts and vectors of an experiment, read, verified and encoded; the same for all trials.
 *
 * <p>The vocabulary holds the words of train alone, or those of all three splits, as in the paper,
 * so that the pretrained vectors of words outside train are used too; no label of dev or test is
 * used for it. Pairs of words come from train alone.
 *
 * @param request the request
 * @param tokenizer the tokenizer that was used
 * @param vocabulary words, and pairs of words
 * @param labels class names
 * @param train training texts
 * @param dev texts for selection
 * @param taught the training texts and then texts without labels, for the pupils of teachers
 * @param test texts that are scored once, at the end
 * @param testTexts the first raw test texts, enough to measure latency
 * @param table pretrained vectors of the vocabulary
 * @param coverage share of the vocabulary that has a pretrained vector
 * @param checksums SHA-256 of all files, by path
 * @param teachers what sentence encoders say of the training texts
 */
public record Prepared(
    Request request,
    Tokenizer tokenizer,
    Vocabulary vocabulary,
    List<String> labels,
    EncodedTexts train,
    EncodedTexts dev,
    EncodedTexts taught,
    EncodedTexts test,
    List<String> testTexts,
    Dense table,
    double coverage,
    Map<String, String> checksums,
    EncoderTeachers teachers) {

  private static final int DIMENSION = 300;

  /** Number of test texts that are kept to measure latency. */
  private static final int MEASURED = 10_000;

  /**
   * What trials must have in common to share their data.
   *
   * @param dataset texts
   * @param vectors pretrained word vectors
   * @param maxLength number of words read from a text
   * @param limit number of training texts used; 0: all
   * @param pairs how often pairs of words that have rows occur in the training texts; 0: no pairs
   * @param spans number of spans of each training text for the pupils of teachers
   * @param words how often words that have rows occur in the training texts; 0: words of all splits
   * @param shrunk share by which rows without a pretrained vector start shorter than the others
   */
  public record Request(
      DatasetSource dataset,
      VectorSource vectors,
      int maxLength,
      int limit,
      int pairs,
      int spans,
      int words,
      double shrunk) {
    /** The words of all splits, with rows of the same norm. */
    public Request(DatasetSource dataset, VectorSource vectors, int maxLength) {
      this(dataset, vectors, maxLength, 0, 0, 0, 0, 0);
    }

    /** The data of {@code trial}. */
    public static Request of(TrialSpec trial) {
      return new Request(
          trial.dataset(),
          trial.vectors(),
          trial.plan().maxLength(),
          trial.plan().limit(),
          trial.plan().pairs(),
          trial.plan().spans(),
          trial.plan().words(),
          trial.plan().shrunk());
    }
  }

  /** Reads data, telling {@code listener} what it found. */
  public static Prepared of(Request request, DataRoot root, RunListener listener)
      throws IOException {
    String what = "reading " + request.dataset().name();
    Dataset full = request.dataset().load(root, count -> listener.texts(what, count));
    return of(request, full, root, listener);
  }

  /** The same of a data set that has been loaded. */
  static Prepared of(Request request, Dataset full, DataRoot root, RunListener listener)
      throws IOException {
    Tokenizer tokenizer = request.dataset().tokenized() ? Tokenizer.BLANKS : Tokenizer.WORDS;
    List<String> testTexts = new ArrayList<>();
    Unlabelled unlabelled =
        Unlabelled.of(
            reader -> chosen(full.train(), request.limit(), reader),
            request.spans(),
            full.unlabelled());
    StreamEncoder.Encoded encoded;
    try (StreamEncoder encoder = new StreamEncoder(tokenizer, request.maxLength())) {
      Encoding encoding = new Encoding("encoding " + request.dataset().name(), encoder, listener);
      int limit = request.limit();
      encoding.add(full.train(), limit, (text, label) -> {});
      encoding.add(full.dev(), limit / 5, (text, label) -> {});
      encoding.add(
          full.test(),
          limit / 5,
          (text, label) -> {
            if (testTexts.size() < MEASURED) {
              testTexts.add(text);
            }
          });
      if (unlabelled.size() > 0) {
        encoding.add(unlabelled, 0, (text, label) -> {});
      }
      encoded = encoder.finish(request.dataset().maxWords(), request.pairs(), request.words());
    }
    Vocabulary vocabulary = encoded.vocabulary();
    EncodedTexts train =
        encoded.parts().get(0).withSets(full.sets()).withConfidence(full.confidence());
    EncodedTexts dev = encoded.parts().get(1).withSets(full.sets());
    EncodedTexts test = encoded.parts().get(2).withSets(full.sets());
    EncodedTexts taught = unlabelled.size() == 0 ? train : train.and(encoded.parts().get(3));
    String andPairs = request.pairs() == 0 ? "" : " and pairs of words";
    listener.log(
        "%s: %,d train, %,d dev, %,d test texts; %d classes; %,d words%s"
            .formatted(
                request.dataset().name(),
                train.size(),
                dev.size(),
                test.size(),
                full.labels().size(),
                vocabulary.size() - 1,
                andPairs));
    if (unlabelled.size() > 0) {
      listener.log(
          "%s: %,d texts without labels, %,d of them spans of training texts"
              .formatted(
                  request.dataset().name(),
                  unlabelled.size(),
                  unlabelled.size() - full.unlabelled().size()));
    }
    if (encoded.differentWords() > vocabulary.size() - 1) {
      listener.log(
          "%s: %,d different words%s; all but the most frequent count as unknown (--max-words)"
              .formatted(request.dataset().name(), encoded.differentWords(), andPairs));
    }

    full.unknown().forEach(line -> listener.log(line + "; they count as errors"));

    EncoderTeachers.Texts trainTexts = reader -> chosen(full.train(), request.limit(), reader);
    TextWords learner = new TextWords(vocabulary, trainTexts, unlabelled, taught, root, listener);
    WordVectors vectors = vectors(request.vectors(), root, vocabulary, learner, listener);
    WordVectors.Table table = vectors.table(vocabulary, 0, request.shrunk());
    if (table.coverage() == 0
        && vocabulary.size() > 1
        && request.vectors().format() != VectorSource.Format.NONE) {
      throw new IOException(
          "%s: expected vectors of some of the %,d words of the texts, such as '%s', found none; --vectors none trains without"
              .formatted(
                  request.vectors().name(), vocabulary.size() - 1, vocabulary.words().get(1)));
    }
    listener.log(
        "%s: %d dimensions, %.1f %% of the words have a vector"
            .formatted(request.vectors().name(), vectors.dimension(), 100 * table.coverage()));

    Map<String, String> checksums = new TreeMap<>();
    for (DataFile file : request.dataset().files()) {
      checksums.put(file.path(), file.sha256());
    }
    for (DataFile file : request.vectors().files()) {
      checksums.put(file.path(), file.sha256());
    }
    return new Prepared(
        request,
        tokenizer,
        vocabulary,
        full.labels(),
        train,
        dev,
        taught,
        test,
        testTexts,
        new Dense(table.values()),
        table.coverage(),
        checksums,
        new EncoderTeachers(
            request.dataset().name(),
            trainTexts,
            unlabelled,
            full.labels().size(),
            root,
            listener));
  }

  /** Gives texts to an encoder and tells a listener how many. */
  private static final class Encoding {
    private final String what;
    private final StreamEncoder encoder;
    private final RunListener listener;
    private long read;

    private Encoding(String what, StreamEncoder encoder, RunListener listener) {
      this.what = what;
      this.encoder = encoder;
      this.listener = listener;
    }

    void add(Split split, int count, Split.Reader also) throws IOException {
      encoder.part();
      chosen(
          split,
          count,
          (text, label) -> {
            encoder.add(text, label);
            also.text(text, label);
            listener.texts(what, ++read);
          });
    }
  }

  /** {@code count} evenly spaced texts, because files are often sorted; all if 0. */
  private static void chosen(Split split, int count, Split.Reader reader) throws IOException {
    boolean all = count == 0 || count >= split.size();
    int[] place = new int[2]; // in the split, and among those chosen
    split.read(
        (text, label) -> {
          if (all || place[0] == (long) place[1] * split.size() / count) {
            place[1]++;
            reader.text(text, label);
          }
          place[0]++;
        });
  }

  /** Vectors of the words of texts that nothing is learned from. */
  static WordVectors words(
      VectorSource source, DataRoot root, Vocabulary vocabulary, RunListener listener)
      throws IOException {
    return vectors(source, root, vocabulary, null, listener);
  }

  private static WordVectors vectors(
      VectorSource source,
      DataRoot root,
      Vocabulary vocabulary,
      TextWords learner,
      RunListener listener)
      throws IOException {
    return switch (source.format()) {
      case FILE -> {
        DataFile file = source.files().get(0);
        yield VectorFile.read(root.path(file), file.entry(), vocabulary);
      }
      case NONE -> WordVectors.none(DIMENSION);
      case JOINED -> {
        List<WordVectors> parts = new ArrayList<>();
        for (VectorSource part : source.parts()) {
          parts.add(vectors(part, root, vocabulary, learner, listener));
        }
        yield ReducedVectors.joined(
            vocabulary.words().subList(1, vocabulary.size()), parts, DIMENSION);
      }
      case ENCODED_WORDS -> {
        List<String> words = vocabulary.words().subList(1, vocabulary.size());
        yield ReducedVectors.encoded(
            words, Encodings.of(source, words, "encoding words", root, listener), DIMENSION);
      }
      case ENCODED_TEXTS -> learner.vectors(source, DIMENSION);
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
    if (test.size() == 0) {
      return Double.NaN;
    }
    long[] seen = train.fingerprints();
    Arrays.sort(seen);
    long[] tested = test.fingerprints();
    int[] unseen =
        IntStream.range(0, test.size())
            .filter(i -> Arrays.binarySearch(seen, tested[i]) < 0)
            .toArray();
    BitSet right = Predictor.right(predicted, test);
    return unseen.length == 0
        ? Double.NaN
        : Arrays.stream(unseen).filter(right::get).count() / (double) unseen.length;
  }

  /** Share of each class in train. */
  public List<Double> prior() {
    double[] counts = new double[labels.size()];
    for (int text = 0; text < train.size(); text++) {
      for (int c : train.classes(text)) {
        counts[c] += 1.0 / train.size();
      }
    }
    return Arrays.stream(counts).boxed().toList();
  }
}
