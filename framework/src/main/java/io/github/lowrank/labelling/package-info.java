/**
 * Labelling texts with few answers of a human: neighbourhoods of exemplars that vote, models of
 * their votes, the choice of questions, and the log of answers, all as plain data.
 *
 * <p>Forbidden: consoles, HTTP, TensorFlow, encoders; whoever asks the human stands elsewhere.
 */
package io.github.lowrank.labelling;
