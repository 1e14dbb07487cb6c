package io.github.lowrank.predictor;

import java.nio.charset.StandardCharsets;

/**
 * The numbers of the compact file, {@code docs/compact-format.md}. All integers and floats are
 * little-endian.
 */
public final class CompactFormat {
  /** Usual ending of the file's name. */
  public static final String EXTENSION = ".lrk";

  /** Version of the layout. A reader refuses other versions. */
  public static final int VERSION = 1;

  /** Bytes before the first section: magic, version, length of the file, offsets of sections. */
  public static final int HEADER = 40;

  /** Bytes after the last section: CRC-32 of everything before. */
  public static final int CHECKSUM = 4;

  /** Largest number of entries of a weight matrix; tables are limited by the file alone. */
  public static final int LARGEST_WEIGHT = 1 << 24;

  /** Largest vocabulary or card, in bytes before compression. */
  public static final int LARGEST_TEXT = 1 << 26;

  /** Most words that a filter sees. */
  public static final int WIDEST_FILTER = 16;

  /** How deep forms of tables and weights may be nested. */
  static final int DEEPEST = 8;

  private static final String MAGIC = "LOWRANKC";

  private CompactFormat() {}

  /** The first eight bytes. */
  public static byte[] magic() {
    return MAGIC.getBytes(StandardCharsets.US_ASCII);
  }

  /** Sections, in their order in the file; the header has the offset of each. */
  public enum Section {
    /** Tokenizer, length limit, classes. */
    SETTINGS,
    /** Words or their fingerprints. */
    VOCABULARY,
    /** Word vectors. */
    TABLE,
    /** From word vectors to one vector. */
    ENCODER,
    /** From that vector to probabilities. */
    HEAD,
    /** Model card, JSON. */
    CARD
  }

  /** How texts become words; the byte in the file is the ordinal. */
  public enum Tokenization {
    /** Lower-cased, split at runs of ASCII white space. */
    BLANKS,
    /** Lower-cased, runs of letters, marks, digits and apostrophes; contractions are split. */
    WORDS
  }

  /** Forms of a table of word vectors; the byte in the file is the ordinal. */
  public enum TableForm {
    /** One float per entry. */
    FLOATS,
    /** Codes of 1 to 16 bits. */
    CODES,
    /** A table and a weight that multiplies its rows. */
    LOW_RANK,
    /** A table and one factor per column. */
    SCALED_COLUMNS,
    /** Rows that are made of a few rows of another table. */
    CODEWORDS
  }

  /** Forms of a weight matrix; the byte in the file is the ordinal. */
  public enum WeightForm {
    /** One float per entry. */
    FLOATS,
    /** Codes with one bfloat16 scale per row. */
    CODES,
    /** Two weights to be multiplied. */
    PRODUCT
  }

  /** Encoders; the byte in the file is the ordinal. */
  public enum EncoderKind {
    /** The mean of the word vectors, then any number of linear layers. */
    MEAN,
    /** A recurrence with peepholes, then the mean of its outputs. */
    LSTM,
    /** Filters over neighbouring words, then the largest result of each. */
    CNN,
    /** The mean of the word vectors, to which the result of two layers on it is added. */
    RESIDUAL
  }

  /** Heads; the byte in the file is the ordinal. */
  public enum HeadKind {
    /** A linear layer and a softmax: one label per text. */
    SOFTMAX,
    /** A linear layer, a sigmoid for each label, and a threshold: any number of labels per text. */
    SIGMOID,
    /** A prototype for each label; the nearest wins. */
    PROTOTYPES
  }
}
