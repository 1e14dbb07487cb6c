/**
 * The only place where raw TensorFlow ops meet variables: resource variables, the low-rank
 * embedding op pair and CALR as functions whose names are op types, sparse gradients, sessions,
 * checkpoint files. Stands on nothing of ours.
 */
package io.github.lowrank.op;
