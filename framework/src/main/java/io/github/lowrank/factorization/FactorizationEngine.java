package io.github.lowrank.factorization;

import java.io.IOException;

/**
 * Computes {@code E ~ U_k S_k V_k^T} of a file of word vectors and writes the factors. Engines of
 * other modules are found as services.
 */
public interface FactorizationEngine {
  /** Its name on the command line. */
  String name();

  /**
   * Writes the folder of the factors, whole or not at all.
   *
   * @throws IOException if the table cannot be read or the folder not be written
   * @throws IllegalArgumentException if the request cannot be met
   */
  Factorization factorize(FactorizationRequest request, Progress progress) throws IOException;

  /** Reports progress. */
  interface Progress {
    /**
     * Reports progress, often.
     *
     * @param what such as {@code rows read}
     * @param all 0: not known yet
     */
    void report(String what, long done, long all);

    /** A step begins that cannot say how far it is. */
    default void begin(String what) {}

    /** Tells the user what may not be wanted. */
    default void warn(String line) {}
  }
}
