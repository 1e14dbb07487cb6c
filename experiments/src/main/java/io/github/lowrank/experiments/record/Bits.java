package io.github.lowrank.experiments.record;

import java.util.BitSet;
import java.util.HexFormat;

/** Which texts were classified right, as hexadecimal bytes; bit i of the bytes is text i. */
public final class Bits {
  private Bits() {}

  /** Compares predicted with true classes. */
  public static String of(int[] predicted, int[] labels) {
    BitSet right = new BitSet(labels.length + 1);
    for (int i = 0; i < labels.length; i++) {
      right.set(i, predicted[i] == labels[i]);
    }
    right.set(labels.length); // keeps the length of the last byte
    return HexFormat.of().formatHex(right.toByteArray());
  }

  /** The set of texts that were classified right. */
  public static BitSet parse(String hex) {
    BitSet right = BitSet.valueOf(HexFormat.of().parseHex(hex));
    right.clear(right.length() - 1);
    return right;
  }
}
