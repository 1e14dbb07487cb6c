/**
 * Running experiments: data, stages with shared results, workers, the folder of a run, provenance.
 */
package io.github.lowrank.experiments.run;
