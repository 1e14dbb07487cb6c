/**
 * Graphs, functions and SavedModels as protocol buffers: reading, changing and writing them.
 *
 * <p>Forbidden: knowing what the graphs are for; this room knows no table, model or signature.
 */
package io.github.lowrank.graphdef;
