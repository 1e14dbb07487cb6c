package io.github.lowrank.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Word vectors in the catalogue, which the framework reads.
 *
 * @param name short name
 * @param description one line
 * @param licence terms
 * @param format layout of the files
 * @param files all files
 * @param parts the sources of {@link Format#JOINED}
 */
public record VectorSource(
    String name,
    String description,
    String licence,
    Format format,
    List<DataFile> files,
    List<VectorSource> parts) {
  public VectorSource {
    files = List.copyOf(files);
    parts = List.copyOf(parts);
  }

  /** Vectors from files of their own. */
  public VectorSource(
      String name, String description, String licence, Format format, List<DataFile> files) {
    this(name, description, licence, format, files, List.of());
  }

  private static final String ZIP_ENTRY = ".zip#";

  /** Layout of the files. */
  public enum Format {
    /** One file: text or word2vec's binary, plain, gzip or zip. */
    FILE,
    /** An ONNX model with a word-piece table, and its tokenizer.json. */
    WORD_PIECES,
    /** The same files: the encoder's vector of each word alone. */
    ENCODED_WORDS,
    /** The same files: learned from the encoder's vectors of the texts that are trained on. */
    ENCODED_TEXTS,
    /** Several sources: the vectors of a word one after another. */
    JOINED,
    /** No files: random vectors. */
    NONE
  }

  /**
   * The vectors of several sources, joined and reduced to as many dimensions as one of them has.
   *
   * @param parts at least two, all with vectors
   */
  public static VectorSource joined(List<VectorSource> parts) {
    return new VectorSource(
        parts.stream().map(VectorSource::name).collect(Collectors.joining("+")),
        "joined vectors",
        parts.stream().map(VectorSource::licence).distinct().collect(Collectors.joining(" and ")),
        Format.JOINED,
        parts.stream().flatMap(part -> part.files().stream()).distinct().toList(),
        parts);
  }

  /** Random vectors. */
  public static VectorSource none() {
    return new VectorSource(
        "none", "random vectors, 300 dimensions", "none", Format.NONE, List.of());
  }

  /**
   * A user's own file in {@link Format#FILE}.
   *
   * @param name of the file; {@code archive.zip#entry} for one of several in a zip file
   * @throws DatasetException if there is no such file
   */
  public static VectorSource own(String name) throws IOException {
    int hash = name.lastIndexOf(ZIP_ENTRY);
    boolean entry = hash >= 0 && !Files.exists(Path.of(name));
    int end = hash + ZIP_ENTRY.length();
    Path file = Path.of(entry ? name.substring(0, end - 1) : name);
    Path readable =
        InputFiles.readable(
            file,
            "a file of word vectors, or one of "
                + Catalogue.vectors().stream().map(VectorSource::name).toList()
                + ", or none");
    return new VectorSource(
        Path.of(name).getFileName().toString(),
        "own vectors",
        "the user's",
        Format.FILE,
        List.of(
            DataFile.entry(
                file.toAbsolutePath().toString(),
                DataRoot.checksum(readable),
                entry ? Optional.of(name.substring(end)) : Optional.empty())));
  }

  /** Word-piece table of BGE-small-en-v1.5. */
  public static VectorSource bgeSmall() {
    return new VectorSource(
        "bge-small",
        "word pieces of BGE-small-en-v1.5, reduced to 300 dimensions",
        "MIT",
        Format.WORD_PIECES,
        List.of(
            DataFile.bundled(
                "bge-small-en-v1.5.onnx",
                "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35"),
            DataFile.bundled(
                "bge-small-en-v1.5-tokenizer.json",
                "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66")));
  }

  /** What BGE-small-en-v1.5 says of each word alone. */
  public static VectorSource bgeWords() {
    VectorSource model = bgeSmall();
    return new VectorSource(
        "bge-words",
        "each word as BGE-small-en-v1.5 encodes it, reduced to 300 dimensions",
        model.licence(),
        Format.ENCODED_WORDS,
        model.files());
  }

  /** What BGE-small-en-v1.5 says of the texts that are trained on, as vectors of their words. */
  public static VectorSource bgeSentences() {
    VectorSource model = bgeSmall();
    return new VectorSource(
        "bge-sentences",
        "each word as BGE-small-en-v1.5 uses it in the training texts, reduced to 300 dimensions",
        model.licence(),
        Format.ENCODED_TEXTS,
        model.files());
  }

  /** Word-piece table of all-MiniLM-L6-v2; Maven fetches it with the profile {@code minilm}. */
  public static VectorSource miniLm() {
    return new VectorSource(
        "minilm",
        "word pieces of all-MiniLM-L6-v2, reduced to 300 dimensions",
        "Apache-2.0",
        Format.WORD_PIECES,
        List.of(
            DataFile.bundled(
                "all-minilm-l6-v2.onnx",
                "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e"),
            DataFile.bundled(
                "all-minilm-l6-v2-tokenizer.json",
                "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0")));
  }

  /** Skip-gram vectors with negative sampling, trained on IMDB, DBpedia and WordNet text. */
  public static VectorSource sgns300d() {
    return new VectorSource(
        "sgns-300d",
        "32,561 words, skip-gram on IMDB, DBpedia and WordNet text, 300 dimensions",
        "research use",
        Format.FILE,
        List.of(
            DataFile.file(
                "vectors/words.300d.txt.gz",
                "139d0d963746ba4bff0b3d6cec574166222c07706c30074463cc27346d898413")));
  }
}
