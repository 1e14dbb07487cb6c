/**
 * What stands above the word vectors: the architectures, dropout, and a classifier with all its
 * numbers, as data and as a graph.
 */
package io.github.lowrank.model;
