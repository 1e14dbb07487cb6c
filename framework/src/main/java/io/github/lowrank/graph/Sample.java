package io.github.lowrank.graph;

/**
 * Some nodes of a network and the edges between them.
 *
 * @param network the sample
 * @param nodes their numbers in the network that was sampled
 * @param seed of whatever a loss draws on this sample
 */
public record Sample(Network network, int[] nodes, long seed) {}
