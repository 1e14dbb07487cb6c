/**
 * Raw TensorFlow ops on variables, which stand here alone: resource variables, the low-rank
 * embedding op pair, CALR and the LSTM's gradient as functions whose names are op types, sparse
 * gradients, sessions, checkpoint files. {@link io.github.lowrank.op.function} writes the
 * functions.
 *
 * <p>Forbidden: everything else of ours.
 */
package io.github.lowrank.op;
