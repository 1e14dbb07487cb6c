/**
 * Graphs, functions and SavedModels as protocol buffers: reading, changing and writing them, and
 * whether they hold together and can be run safely.
 *
 * <p>Forbidden: knowing what the graphs compute; this room knows no table and no classifier.
 */
package io.github.lowrank.graphdef;
