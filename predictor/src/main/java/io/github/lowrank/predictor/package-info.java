/**
 * The compact file and its predictor: raw text in, label and probabilities out, in plain Java.
 *
 * <p>Forbidden: everything but {@code java.base}: other modules, dependencies, native code; and
 * training. The layout of the file is known only here and to those who write it through {@link
 * io.github.lowrank.predictor.CompactOutput}.
 */
package io.github.lowrank.predictor;
