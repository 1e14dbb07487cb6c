package io.github.lowrank.spark;

import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.factorization.FactorizationEngine;
import io.github.lowrank.factorization.FactorizationRequest;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.Gram;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.Spectrum;
import io.github.lowrank.text.MalformedFileException;
import io.github.lowrank.text.VectorFile;
import io.github.lowrank.text.VectorLine;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.TextInputFormat;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.Tuple2;

/**
 * On Spark: the Gram matrix by tree aggregation of packed triangles, one per split of the file, its
 * eigenvectors at the driver, and the rows written by the tasks. A lost task is computed again from
 * its split of the file.
 *
 * <p>It reads text, plain or gzip; a gzip file cannot be split, so one task reads it. Rows are in
 * {@code rows/part-*}, in the order of the file; {@code cat} makes one file of them.
 */
public final class SparkFactorization implements FactorizationEngine {
  private static final int DEPTH = 2;

  @Override
  public String name() {
    return "spark";
  }

  @Override
  public Factorization factorize(FactorizationRequest request, Progress progress)
      throws IOException {
    check(request);
    try (JavaSparkContext spark =
        SparkContexts.open("lowrank factorize " + request.table(), request.master())) {
      return factorize(spark, request, progress);
    }
  }

  /** The same in a program's own Spark. */
  public static Factorization factorize(
      JavaSparkContext spark, FactorizationRequest request, Progress progress) throws IOException {
    check(request);
    Counter counter = new Counter(progress);
    spark.sc().addSparkListener(counter);
    try {
      return computed(spark, request, counter);
    } catch (Exception e) { // Spark's are checked, but not declared
      if (e instanceof IllegalArgumentException illegal) {
        throw illegal;
      }
      throw SparkContexts.unwrapped(e);
    } finally {
      spark.sc().removeSparkListener(counter);
    }
  }

  private static void check(FactorizationRequest request) throws IOException {
    Path table = request.table();
    byte[] magic = new byte[2];
    try (InputStream in = Files.newInputStream(table)) {
      in.readNBytes(magic, 0, magic.length);
    }
    boolean gzip = magic[0] == 0x1f && magic[1] == (byte) 0x8b;
    String expected = "text, plain or in a file named *.gz; --engine local reads all layouts";
    if (magic[0] == 'P' && magic[1] == 'K') {
      throw new MalformedFileException(table, expected, "a zip file");
    } else if (gzip != table.toString().endsWith(".gz")) { // Hadoop goes by the name
      throw new MalformedFileException(
          table, expected, gzip ? "gzip under another name" : "other bytes than gzip's");
    } else if (VectorFile.binary(table)) {
      throw new MalformedFileException(table, expected, "word2vec's binary layout");
    } else if (request.layout() != VectorWriter.Layout.TEXT) {
      throw new IllegalArgumentException(
          "--format: expected text with --engine spark, found " + request.layout());
    }
  }

  /** Reports finished tasks. */
  private static final class Counter extends SparkListener {
    private final Progress progress;
    private final AtomicInteger done = new AtomicInteger();
    private volatile String what = "";
    private volatile int all;

    private Counter(Progress progress) {
      this.progress = progress;
    }

    private void begin(String what, int tasks) {
      this.what = what;
      done.set(0);
      all = tasks;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.taskInfo().successful() && all > 0) {
        progress.report(what, Math.min(done.incrementAndGet(), all), all);
      }
    }
  }

  private static Factorization computed(
      JavaSparkContext spark, FactorizationRequest request, Counter counter) throws IOException {
    String file = request.table().toAbsolutePath().toString();
    JavaPairRDD<LongWritable, Text> splits =
        spark.hadoopFile(
            request.table().toAbsolutePath().toUri().toString(),
            TextInputFormat.class,
            LongWritable.class,
            Text.class,
            spark.defaultParallelism());
    List<String> first = splits.map(pair -> decoded(file, pair)).take(1);
    if (first.isEmpty()) {
      throw new MalformedFileException(file, "word vectors", "an empty file");
    }
    VectorLine.Place where = new VectorLine.Place(file, "line", 1);
    Optional<VectorLine.Header> header = VectorLine.header(where, first.get(0));
    int d =
        header.isPresent()
            ? header.get().dimension()
            : VectorLine.of(where, VectorLine.withoutMark(first.get(0)), OptionalInt.empty())
                .dimension();
    Factorization.checkWidth(file, d);

    counter.begin("tasks of the Gram matrix", splits.getNumPartitions());
    Gram gram =
        splits.treeAggregate(
            new Gram(d),
            (sum, pair) -> {
              VectorLine line = line(file, pair, d);
              if (line != null) {
                float[] numbers = new float[d];
                line.numbers(numbers, 0);
                sum.add(numbers, 0);
              }
              return sum;
            },
            Gram::merge,
            DEPTH);
    if (header.isPresent() && header.get().words() != gram.rows()) {
      throw new MalformedFileException(
          file,
          header.get().words() + " words, as its first line says",
          gram.rows() + " (truncated?)");
    }
    if (gram.rows() == 0) {
      throw new MalformedFileException(file, "word vectors", "an empty file");
    }
    counter.progress.begin("eigenvectors of a %1$,d x %1$,d matrix".formatted(d));
    Spectrum spectrum = Spectrum.ofGram(gram.full(), d).signed();
    int rank = request.rank().rank(gram.rows(), spectrum);
    Matrix basis = spectrum.basis(rank);
    Factorization card = Factorization.of(request, "spark", gram.rows(), spectrum, rank);
    card.warning().ifPresent(counter.progress::warn);

    Broadcast<float[]> columns = spark.broadcast(basis.transposed().values());
    String firstLine = VectorWriter.header(gram.rows(), rank);
    JavaRDD<String> rows =
        splits.mapPartitionsWithIndex(
            (index, pairs) -> {
              Iterator<String> lines = new Rows(file, pairs, d, rank, columns.value());
              return index == 0 ? concat(firstLine, lines) : lines;
            },
            true);
    counter.begin("tasks of the rows", splits.getNumPartitions());
    AtomicFiles.folder(
        request.out(),
        folder -> {
          Path parts = folder.resolve(Factorization.ROWS);
          rows.saveAsTextFile(parts.toUri().toString());
          try (DirectoryStream<Path> checksums = Files.newDirectoryStream(parts, ".*.crc")) {
            for (Path checksum : checksums) { // Hadoop writes one beside every part
              Files.delete(checksum);
            }
          }
          card.write(folder, basis);
        });
    return card;
  }

  private static Iterator<String> concat(String first, Iterator<String> rest) {
    Iterable<String> all = () -> rest;
    return Stream.concat(Stream.of(first), StreamSupport.stream(all.spliterator(), false))
        .iterator();
  }

  private static String decoded(String file, Tuple2<LongWritable, Text> pair)
      throws MalformedFileException {
    try {
      return Text.decode(pair._2().getBytes(), 0, pair._2().getLength(), false);
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(
          new VectorLine.Place(file, "byte", pair._1().get()),
          "UTF-8",
          "a line with bytes that are not UTF-8");
    }
  }

  /** A line with a word, or null for the header. */
  private static VectorLine line(String file, Tuple2<LongWritable, Text> pair, int d)
      throws MalformedFileException {
    String text = decoded(file, pair);
    VectorLine.Place where = new VectorLine.Place(file, "byte", pair._1().get());
    if (pair._1().get() == 0) {
      if (VectorLine.header(where, text).isPresent()) {
        return null;
      }
      text = VectorLine.withoutMark(text);
    }
    return VectorLine.of(where, text, OptionalInt.of(d));
  }

  /** The rows {@code U_k S_k = E V_k} of a split. */
  private static final class Rows implements Iterator<String> {
    private final String file;
    private final Iterator<Tuple2<LongWritable, Text>> pairs;
    private final int rank;
    private final float[] columns;
    private final float[] numbers;
    private final double[] sums;
    private final float[] row;
    private VectorLine next;

    private Rows(
        String file, Iterator<Tuple2<LongWritable, Text>> pairs, int d, int rank, float[] columns) {
      this.file = file;
      this.pairs = pairs;
      this.rank = rank;
      this.columns = columns;
      this.numbers = new float[d];
      this.sums = new double[rank];
      this.row = new float[rank];
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null && pairs.hasNext()) {
          next = line(file, pairs.next(), numbers.length);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return next != null;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        next.numbers(numbers, 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Arrays.fill(sums, 0);
      for (int i = 0; i < numbers.length; i++) {
        double x = numbers[i];
        for (int k = 0; k < rank; k++) {
          sums[k] += x * columns[i * rank + k];
        }
      }
      for (int k = 0; k < rank; k++) {
        row[k] = (float) sums[k];
      }
      String line = VectorWriter.line(next.word(), row, 0, rank);
      next = null;
      return line;
    }
  }
}
