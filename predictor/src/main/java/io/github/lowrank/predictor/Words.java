package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * The vocabulary: a table of buckets by the upper bits of a word's hash. A bucket holds the lower
 * bits of the hashes of its words, and their rows; an exact vocabulary also compares the word.
 */
final class Words {
  private static final int TAG_BITS = 32;

  private final long seed;
  private final int bits;
  private final int size;

  /** Where each bucket begins, and where the last one ends. */
  private final int[] starts;

  private final int[] fingerprints;

  /** Rows by place; null: the place is the row. */
  private final int[] rows;

  /** The words' bytes and where each begins, by row; null if there are only fingerprints. */
  private final byte[] letters;

  private final int[] ends;

  private Words(
      long seed,
      int bits,
      int[] starts,
      int[] fingerprints,
      int[] rows,
      byte[] letters,
      int[] ends) {
    this.seed = seed;
    this.bits = bits;
    this.size = fingerprints.length;
    this.starts = starts;
    this.fingerprints = fingerprints;
    this.rows = rows;
    this.letters = letters;
    this.ends = ends;
  }

  static Words read(Input in) throws FormatException {
    int at = in.position();
    int bits = in.octet("bits of a fingerprint");
    if (bits == 0) {
      return exact(in);
    } else if (bits < Byte.SIZE || bits > Integer.SIZE || bits % Byte.SIZE != 0) {
      throw in.wrong(at, "0, 8, 16, 24 or 32 bits of a fingerprint", bits);
    }
    return fingerprints(in, bits);
  }

  private static Words fingerprints(Input in, int bits) throws FormatException {
    int size = in.integer("number of words", 0, Integer.MAX_VALUE - 8);
    long seed = in.number("seed of the hash");
    // A one for each word and a zero after each bucket; there are as many buckets as words.
    int from = in.skip((2L * size + 7) / 8, "sizes of buckets");
    int prints = in.skip((long) size * (bits / 8), "fingerprints");
    int[] starts = new int[size + 1];
    int bucket = 0;
    int found = 0;
    for (int i = 0; i < 2 * size; i++) {
      if ((in.array()[from + (i >> 3)] >> (i & 7) & 1) == 1) {
        found++;
      } else if (++bucket <= size) {
        starts[bucket] = found;
      }
    }
    if (found != size || starts[size] != size) {
      throw in.wrong(from, "buckets of %d words".formatted(size), found);
    }
    int[] fingerprints = new int[size];
    for (int i = 0; i < size; i++) {
      fingerprints[i] = WordHash.fingerprint(in.word(prints + i * (bits / 8)), bits);
    }
    return new Words(seed, bits, starts, fingerprints, null, null, null);
  }

  private static Words exact(Input in) throws FormatException {
    int size = in.integer("number of words", 0, Integer.MAX_VALUE - 8);
    int letters = in.integer("bytes of all words", 0, CompactFormat.LARGEST_TEXT);
    int at = in.position();
    byte[] coded = in.inflated("the vocabulary");
    // A word has two lengths of at least a byte each.
    if (2L * size > coded.length) {
      throw in.wrong(at, "%d words".formatted(size), coded.length + " bytes");
    }
    FrontCoded words = new FrontCoded(in, at, coded, letters);
    int[] ends = new int[size];
    for (int w = 0; w < size; w++) {
      words.next();
      ends[w] = words.end;
    }
    if (words.end != letters || words.next != coded.length) {
      throw in.wrong(at, "%d letters of all words".formatted(letters), words.end);
    }
    return indexed(words.all, ends);
  }

  /** Words without the letters that each shares with the one before. */
  private static final class FrontCoded {
    private static final int LONGEST_VARINT = 28;

    private final Input in;
    private final int at;
    private final byte[] coded;
    private final int letters;
    private byte[] all;
    private int next;
    private int previous;
    private int end;

    private FrontCoded(Input in, int at, byte[] coded, int letters) {
      this.in = in;
      this.at = at;
      this.coded = coded;
      this.letters = letters;
      this.all = new byte[Math.min(letters, 4 * coded.length)];
    }

    /** One word: a method that is soon compiled, where a loop over all words would not be. */
    private void next() throws FormatException {
      int shared = length();
      int own = length();
      // The letter after the shared ones is a greater one: the words ascend, and differ.
      if (own == 0
          || own > coded.length - next
          || shared > end - previous
          || shared + own > letters - end
          || shared < end - previous && (coded[next] & 0xff) <= (all[previous + shared] & 0xff)) {
        throw in.wrong(
            at,
            "words in ascending order with %d letters in all".formatted(letters),
            "one with %d of its %d letters shared".formatted(shared, shared + own));
      }
      if (end + shared + own > all.length) { // no more memory than there are letters
        all = Arrays.copyOf(all, (int) Math.min(letters, 2L * (end + shared + own)));
      }
      System.arraycopy(all, previous, all, end, shared);
      System.arraycopy(coded, next, all, end + shared, own);
      next += own;
      previous = end;
      end += shared + own;
    }

    private int length() throws FormatException {
      int length = 0;
      for (int shift = 0; shift < LONGEST_VARINT && next < coded.length; shift += 7) {
        int octet = coded[next++];
        length |= (octet & 0x7f) << shift;
        if (octet >= 0) {
          return length;
        }
      }
      throw in.wrong(at, "the length of a word", "none below 2^28");
    }
  }

  private static Words indexed(byte[] letters, int[] ends) {
    int size = ends.length;
    long[] hashes = new long[size];
    int[] starts = new int[size + 1];
    for (int w = 0; w < size; w++) {
      int from = w == 0 ? 0 : ends[w - 1];
      hashes[w] = WordHash.of(0, letters, from, ends[w] - from);
      starts[WordHash.bucket(hashes[w], size)]++;
    }
    for (int b = 1; b <= size; b++) {
      starts[b] += starts[b - 1];
    }
    int[] fingerprints = new int[size];
    int[] rows = new int[size];
    for (int w = size - 1; w >= 0; w--) {
      int place = --starts[WordHash.bucket(hashes[w], size)];
      fingerprints[place] = WordHash.fingerprint(hashes[w], TAG_BITS);
      rows[place] = w;
    }
    return new Words(0, TAG_BITS, starts, fingerprints, rows, letters, ends);
  }

  /** Number of words. */
  int size() {
    return size;
  }

  /** What the hash of a word begins with. */
  long seed() {
    return seed;
  }

  /** Bits of a fingerprint; 0 for an exact vocabulary. */
  int fingerprintBits() {
    return letters == null ? bits : 0;
  }

  /**
   * The row of a word, -1 if it is unknown.
   *
   * @param hash its hash
   * @param word its bytes are {@code word[from .. from + length - 1]}
   */
  int row(long hash, byte[] word, int from, int length) {
    int bucket = WordHash.bucket(hash, size);
    int print = WordHash.fingerprint(hash, bits);
    if (size == 0) {
      return -1;
    }
    for (int i = starts[bucket]; i < starts[bucket + 1]; i++) {
      if (fingerprints[i] == print) {
        if (rows == null) {
          return i;
        }
        int row = rows[i];
        int start = row == 0 ? 0 : ends[row - 1];
        if (ends[row] - start == length
            && Arrays.equals(letters, start, ends[row], word, from, from + length)) {
          return row;
        }
      }
    }
    return -1;
  }
}
