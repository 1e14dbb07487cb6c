/**
 * Lowrank on Apache Spark: factorizing a file of word vectors, running the trials of an experiment,
 * and answering in pipelines and SQL. Nothing else of Lowrank knows this module; the command line
 * finds it as a service.
 *
 * <p>Forbidden: the command line and its options; mathematics that the framework has.
 */
package io.github.lowrank.spark;
