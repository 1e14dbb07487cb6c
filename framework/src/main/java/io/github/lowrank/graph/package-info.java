/**
 * Nodes and edges: edge lists, proximities with one stopping probability per hop, their sparse
 * logarithm, embeddings of nodes.
 *
 * <p>Forbidden: words, texts and their models; consoles; scores of link prediction and of classes,
 * which are experiments.
 */
package io.github.lowrank.graph;
