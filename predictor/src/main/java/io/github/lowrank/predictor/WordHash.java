package io.github.lowrank.predictor;

/**
 * The hash of a word, over its bytes in UTF-8: {@code h = (h ^ byte) * M} from the seed on, then
 * the finalizer of MurmurHash3.
 */
public final class WordHash {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L; // the golden ratio

  private WordHash() {}

  /** The hash of {@code length} bytes. */
  public static long of(long seed, byte[] word, int from, int length) {
    return finished(with(seed, word, from, length));
  }

  static long with(long hash, byte[] word, int from, int length) {
    long h = hash;
    for (int i = from; i < from + length; i++) {
      h = with(h, word[i]);
    }
    return h;
  }

  static long with(long hash, int octet) {
    return (hash ^ octet & 0xff) * MULTIPLIER;
  }

  static long finished(long hash) {
    long h = hash;
    h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
    h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }

  /** Which of {@code buckets} a hash belongs to: by its upper 32 bits. */
  public static int bucket(long hash, int buckets) {
    return (int) ((hash >>> 32) * buckets >>> 32);
  }

  /** The lowest {@code bits} bits of a hash, 8 to 32: what a bucket remembers of it. */
  public static int fingerprint(long hash, int bits) {
    return (int) (hash & (1L << bits) - 1);
  }
}
